"""What the sample firm's people write and file."""

STARTER_FIELDS = [
    ("mandantennummer", "Mandantennummer", "text"),
    ("steuernummer", "Steuernummer", "text"),
    ("steuer_idnr", "Steuer-IdNr.", "text"),
    ("ust_idnr", "USt-IdNr.", "vat_id"),
    ("rechtsform", "Rechtsform", "choice"),
    ("finanzamt", "Finanzamt", "text"),
    ("wirtschaftsjahr_beginn", "Wirtschaftsjahr-Beginn", "date"),
    ("kontenrahmen", "Kontenrahmen", "choice"),
    ("iban", "IBAN", "iban"),
]
PIPELINES = {
    "Jahresabschluss": [
        "Unterlagen anfordern",
        "Buchführung prüfen",
        "Abschlussbuchungen",
        "Entwurf beim Kunden",
        "Freigabe",
        "Offenlegung",
    ],
    "Einkommensteuer": ["Unterlagen anfordern", "Erklärung erstellen", "Freigabe", "Eingereicht", "Bescheid prüfen"],
    "USt-Voranmeldung": ["Belege da", "Buchen", "Prüfen", "Übermittelt"],
    "Lohn": ["Daten anfordern", "Daten erfassen", "Abrechnen", "Prüfen", "Versendet"],
}
UPLOADS = [
    "Kontoauszug {month} {year}.pdf",
    "Lohnjournal {mm}-{year}.xlsx",
    "Kassenbuch {month} {year}.pdf",
    "Rechnung Büromaterial.pdf",
    "Mietvertrag Nachtrag.pdf",
    "Spendenbescheinigung {year}.pdf",
    "Tankbelege {month}.pdf",
    "Lohnsteuerbescheinigung {year}.pdf",
    "Handwerkerrechnung.pdf",
    "Foto Quittung.png",
    "Fahrtenbuch {month} {year}.txt",
    "Versicherungsschein.pdf",
]
SHARED = [
    "BWA {month} {year}.pdf",
    "Bescheid Einkommensteuer {year}.pdf",
    "Jahresabschluss {year} Entwurf.pdf",
    "USt-Voranmeldung {month} {year}.pdf",
]
TASKS = [
    "USt-Voranmeldung {month}",
    "Belege {month} anfordern",
    "Jahresabschluss {year} besprechen",
    "Lohn {month} vorbereiten",
    "Bescheid prüfen",
    "Einspruchsfrist notieren",
    "Vollmacht erneuern",
    "Rückruf wegen Betriebsprüfung",
    "Kassenführung besprechen",
    "Grundsteuererklärung prüfen",
]
MAILS = [
    ("Frage zur Kasse", "Guten Tag,\n\nwie lange müssen wir die Kassenstreifen aufheben?\n\nFreundliche Grüße\n{client}"),
    ("Unterlagen {month}", "Guten Tag,\n\nanbei die Unterlagen für {month}. Es fehlt noch ein Tankbeleg.\n\nViele Grüße\n{client}"),
    ("Rückfrage zur Rechnung", "Guten Tag,\n\nwas ist in der Position Beratung enthalten?\n\nGruß\n{client}"),
    ("Neue Mitarbeiterin ab {month}", "Guten Tag,\n\nwir stellen ab dem Ersten eine neue Mitarbeiterin ein. Was brauchen Sie?\n\n{client}"),
    ("Termin Jahresgespräch", "Guten Tag,\n\npasst Ihnen Dienstag um zehn?\n\nBeste Grüße\n{client}"),
    ("Bescheid vom Finanzamt", "Guten Tag,\n\nheute kam der Bescheid. Stimmt er?\n\n{client}"),
]
ANSWERS = [
    "Guten Tag,\n\nvielen Dank. Wir sehen uns das an und melden uns bis Ende der Woche.\n\nMit freundlichen Grüßen\n{staff}",
    "Guten Tag,\n\ndas ist erledigt. Sie müssen nichts weiter tun.\n\nMit freundlichen Grüßen\n{staff}",
    "Guten Tag,\n\nbitte laden Sie den Beleg im Portal hoch, dann buchen wir ihn gleich mit.\n\nMit freundlichen Grüßen\n{staff}",
]
CHATS = ["Frage zur Kasse", "Fahrtenbuch", "Kurze Rückfrage", "Lohnabrechnung", "Unterlagen fehlen", "Vorauszahlung senken"]
CLIENT_SAYS = ["Können Sie kurz drüberschauen?", "Ich habe den Beleg gefunden.", "Wann ist das fertig?", "Danke!", "Passt das so?"]
STAFF_SAYS = [
    "Ja, das passt so.",
    "Wir brauchen noch die Rechnung dazu.",
    "Bis Freitag ist es fertig.",
    "Bitte im Portal hochladen.",
    "Erledigt.",
]
NOTES = [
    "Möchte nur nachmittags angerufen werden.",
    "Betriebsprüfung angekündigt, Unterlagen vollständig halten.",
    "Hat nach der Übergabe an die Tochter gefragt.",
    "Zahlt immer erst nach der zweiten Erinnerung.",
    "Neue Bankverbindung telefonisch bestätigt.",
    "Fristverlängerung bis Ende des Monats erhalten.",
]
WORK = ["Buchführung", "Beratung Telefon", "Jahresabschluss", "Lohn", "Bescheidprüfung", "Steuererklärung", "Besprechung"]
CONTRACTS = ["Steuerberatungsvertrag", "Vollmacht", "Lohnvereinbarung", "Datenschutzvereinbarung"]
SIGNED = [
    "Vollmacht Finanzamt.pdf",
    "Jahresabschluss {year}.pdf",
    "Einkommensteuererklärung {year}.pdf",
    "Feststellungserklärung {year}.pdf",
]
ORGANIZERS = ["Einkommensteuer {year}", "Jahresabschluss {year}", "Neuer Mandant", "Grundstücke {year}"]
DEVICES = ["Chrome, Windows", "Safari, iPhone", "Firefox, Windows", "Edge, Windows", "Chrome, Android"]
LINES = [
    "Finanzbuchführung {month}",
    "Lohnabrechnung {month}",
    "Jahresabschluss {year}",
    "Einkommensteuererklärung {year}",
    "Beratung nach Aufwand",
]
TRADES = [
    "Bäckerei",
    "Schreinerei",
    "Autohaus",
    "Elektrotechnik",
    "Gartenbau",
    "Malerbetrieb",
    "Buchhandlung",
    "Metallbau",
    "Physiotherapie",
    "Weingut",
    "Dachdeckerei",
    "Optik",
    "Fahrrad",
    "Druckerei",
    "Café",
    "Spedition",
    "Architekturbüro",
    "Apotheke",
]
FORMS = ["GmbH", "GmbH & Co. KG", "OHG", "e. K.", "UG (haftungsbeschränkt)", "GbR", "KG"]
MONTHS = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"]
