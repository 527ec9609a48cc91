"""Names and texts of the sample's documents, tasks, notes and other rows."""

UPLOADS = {
    "company": [
        "Kontoauszug {month}.pdf",
        "Eingangsrechnungen {month}.pdf",
        "Kassenbuch {mm}.xlsx",
        "Tankbelege {month}.pdf",
        "Quittung {number}.png",
        "Ausgangsrechnungen {mm}.xlsx",
        "Lohnvorgaben {month}.txt",
        "Mietrechnung {month}.pdf",
        "Kreditkartenabrechnung {month}.pdf",
        "Fahrtenbuch {mm}.xlsx",
        "Handyrechnung {month}.pdf",
        "Foto Lieferschein {number}.png",
        "Stundenliste {mm}.xlsx",
    ],
    "person": [
        "Lohnsteuerbescheinigung {last_year}.pdf",
        "Spendenbescheinigung {last_year}.pdf",
        "Handwerkerrechnung {number}.pdf",
        "Nebenkostenabrechnung {last_year}.pdf",
        "Versicherungsbeiträge {last_year}.pdf",
        "Foto Quittung {number}.png",
        "Fahrten zur Arbeit {last_year}.txt",
        "Bescheid Elterngeld.pdf",
        "Zinsbescheinigung {last_year}.pdf",
        "Mieteinnahmen {last_year}.xlsx",
    ],
    "club": [
        "Kassenbericht {last_year}.pdf",
        "Protokoll Mitgliederversammlung.pdf",
        "Beitragsliste {year}.xlsx",
        "Kontoauszug {month}.pdf",
        "Spendenliste {year}.xlsx",
        "Foto Aushang.png",
        "Notizen Vorstandssitzung.txt",
    ],
    "estate": [
        "Nebenkostenabrechnung {last_year}.pdf",
        "Handwerkerrechnung {number}.pdf",
        "Mieteinnahmen {last_year}.xlsx",
        "Kontoauszug {month}.pdf",
        "Zinsbescheinigung {last_year}.pdf",
    ],
}
SHOP_UPLOADS = [
    "Eingangsrechnung {number}.pdf",
    "Retourenbeleg {number}.pdf",
    "Lieferschein {number}.pdf",
    "Zahlungsabrechnung {day}.xlsx",
    "Zollbescheid {number}.pdf",
    "Paketliste {day}.txt",
    "Foto Transportschaden {number}.png",
    "Gutschrift {number}.pdf",
]
SHARED = {
    "company": ["BWA {month}.pdf", "USt-Voranmeldung {month}.pdf", "Lohnjournal {mm}.xlsx", "Summen und Salden {month}.pdf"],
    "person": ["Steuerberechnung {last_year}.pdf", "Merkblatt Belege.pdf", "Bescheidprüfung {last_year}.pdf"],
    "club": ["Kassenprüfung {last_year}.pdf", "Muster Zuwendungsbestätigung.pdf"],
    "estate": ["Steuerberechnung {last_year}.pdf", "Merkblatt Belege.pdf"],
}
APPROVALS = {
    "company": ["Jahresabschluss {last_year} Entwurf.pdf", "Lohnabrechnung {month}.pdf", "Gewinnermittlung {last_year}.pdf"],
    "person": ["Einkommensteuererklärung {last_year}.pdf", "Anlage V {last_year}.pdf"],
    "club": ["Körperschaftsteuererklärung {last_year}.pdf"],
    "estate": ["Feststellungserklärung {last_year}.pdf"],
}
SIGNATURES = {
    "company": [
        "Jahresabschluss {last_year}.pdf",
        "Vollständigkeitserklärung {last_year}.pdf",
        "Offenlegung {last_year}.pdf",
        "Vollmacht Finanzamt.pdf",
    ],
    "person": ["Vollmacht Finanzamt.pdf", "SEPA-Lastschriftmandat.pdf", "Fristverlängerung {last_year}.pdf"],
    "club": ["Vollmacht Finanzamt.pdf", "Kassenbericht {last_year} geprüft.pdf"],
    "estate": ["Vollmacht Finanzamt.pdf", "Fristverlängerung {last_year}.pdf"],
}
REFUSALS = {
    "company": [
        "Die Zahlen der Filiale fehlen.",
        "Bitte die Abschreibung des Transporters prüfen.",
        "Die sonstigen Kosten stimmen nicht mit unserer Liste überein.",
    ],
    "person": ["Die Fahrten zur Arbeit fehlen.", "Die Handwerkerrechnung vom Herbst ist nicht dabei.", "Die Bankverbindung ist veraltet."],
    "club": ["Die Spenden aus dem Dezember fehlen.", "Der Vorstand hat gewechselt, bitte anpassen."],
    "estate": ["Die Anteile stimmen nicht.", "Die Reparatur des Daches fehlt."],
}
CONTRACTS = {
    "company": [
        "Steuerberatungsvertrag {year}",
        "Vereinbarung Lohnbuchführung",
        "Auftragsverarbeitung (DSGVO)",
        "Vergütungsvereinbarung {year}",
    ],
    "person": ["Steuerberatungsvertrag {year}", "Vollmacht zur Vertretung in Steuersachen", "Datenschutzvereinbarung"],
    "club": ["Steuerberatungsvertrag {year}", "Datenschutzvereinbarung"],
    "estate": ["Steuerberatungsvertrag {year}", "Vollmacht zur Vertretung in Steuersachen"],
}
ORGANIZERS = {
    "company": ["Jahresabschluss {last_year}", "Bestandsaufnahme Lohn", "Inventur {last_year}"],
    "person": ["Einkommensteuer {last_year}", "Vermietung {last_year}", "Persönliche Angaben"],
    "club": ["Gemeinnützigkeit {last_year}", "Jahresangaben {last_year}"],
    "estate": ["Vermietung {last_year}", "Anteile der Beteiligten"],
}
TASKS = {
    "company": [
        "USt-Voranmeldung {month} übermitteln",
        "Belege {month} anfordern",
        "Jahresabschluss {last_year} besprechen",
        "Lohn {next_month} vorbereiten",
        "Offene Posten abstimmen",
        "Anlagenverzeichnis ergänzen",
        "Herabsetzung der Vorauszahlungen beantragen",
        "Rückruf wegen Betriebsprüfung",
        "Kassenführung besprechen",
        "Verrechnungskonto klären",
    ],
    "person": [
        "Unterlagen {last_year} anfordern",
        "Bescheid {last_year} prüfen",
        "Einspruchsfrist notieren",
        "Rückruf wegen Vermietung",
        "Vollmacht erneuern",
        "Grundsteuerbescheid prüfen",
        "Riester-Bescheinigung nachfordern",
    ],
    "club": [
        "Kassenbericht prüfen",
        "Gemeinnützigkeit: Tätigkeitsbericht anfordern",
        "Zuwendungsbestätigungen besprechen",
        "Satzung prüfen",
    ],
    "estate": [
        "Feststellungserklärung {last_year} vorbereiten",
        "Anteile der Beteiligten abstimmen",
        "Erhaltungsaufwand aufteilen",
        "Haushaltsnahe Dienstleistungen bescheinigen",
    ],
}
WORK = {
    "company": [
        "Finanzbuchführung {month}",
        "Lohnabrechnung {month}",
        "Beratung am Telefon",
        "Jahresabschluss {last_year}",
        "Abstimmung Konten",
        "Besprechung",
        "Umsatzsteuer-Voranmeldung {month}",
        "Rückfragen zu Belegen {month}",
    ],
    "person": ["Einkommensteuererklärung {last_year}", "Bescheidprüfung", "Beratung am Telefon", "Besprechung"],
    "club": ["Kassenbericht {last_year}", "Beratung am Telefon", "Körperschaftsteuererklärung {last_year}", "Zuwendungsbestätigungen"],
    "estate": ["Feststellungserklärung {last_year}", "Beratung am Telefon", "Mieteinnahmen {last_year}", "Besprechung"],
}
DEVICES = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
]
METHODS = ["Überweisung", "Überweisung", "Überweisung", "Lastschrift", "Bar"]
