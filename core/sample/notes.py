"""Internal notes about the sample's clients: each is written once, for the sort of client it fits."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from core.sample.fitting import fits
from core.sample.office import Client, Office

# What fills ``{person}`` is a contact of the client, ``{topic}`` one of TOPICS; the rest as in ``Office.fill``.
NOTES = {
    "company": [
        "{person} ist nur vormittags im Büro, am besten vor 11 Uhr anrufen.",
        "Betriebsprüfung angekündigt, Beginn {weekday}: Unterlagen vollständig halten.",
        "Hat nach der Übergabe des Betriebs gefragt; Termin mit {person} im Frühjahr vorschlagen.",
        "Zahlt meist erst nach der ersten Erinnerung, zuletzt {amount}.",
        "Neue Bankverbindung telefonisch mit {person} bestätigt, Rückruf auf bekannter Nummer.",
        "Plant einen Umbau für rund {thousands} €, Abschreibung im Blick behalten.",
        "Belege kommen als Papier im Pendelordner, Abholung {weekdays} durch {person}.",
        "Im August drei Wochen Betriebsferien, {person} liest trotzdem Mails.",
        "{person} hat den Wechsel auf digitale Belege ab {next_month} zugesagt.",
        "Kasse stimmt öfter nicht: beim nächsten Besuch mit {person} durchgehen.",
        "Möchte die Auswertung künftig mit Vergleich zum Vorjahr, zuerst für {month}.",
        "Sucht einen Nachfolger für die Buchhaltung; bis dahin fragt {person}.",
        "Finanzierung bei der Hausbank über {thousands} €: Zwischenabschluss wird gebraucht.",
        "{person} darf Lohndaten freigeben, sonst niemand im Betrieb.",
        "Leasing des Transporters läuft im {next_month} aus, Kauf prüfen.",
        "Streit mit einem Lieferanten über {thousands} €, Rückstellung bilden.",
        "Firmenwagen von {person}: Fahrtenbuch seit {month}.",
        "Rechnungen über {thousands} € bitte zuerst mit {person} besprechen.",
        "Wünscht das Jahresgespräch vor Ort, {weekdays} ab {hour} Uhr passt immer.",
        "Fragt jedes Jahr nach der Sonderabschreibung; Antwort vom {day} liegt bei den Dokumenten.",
        "Zweiter Standort geplant; {person} schickt den Mietvertrag.",
        "Lagerbestand zum Jahresende immer zusammen mit {person} zählen.",
        "Kreditkarte wird privat und betrieblich genutzt, {person} kennzeichnet die Belege.",
        "Versicherung zahlte {hundreds} € für den Wasserschaden, ist gebucht.",
        "Mahnungen gehen nur nach Rücksprache mit {person} hinaus.",
        "Neue Vollmacht von {person} liegt seit {day} vor.",
        "Hat {topic} angesprochen, Rückmeldung bis {weekday} versprochen.",
        "{person} bittet um einen Anruf zu {topic}, nicht vor {hour} Uhr.",
        "Angebot zu {topic} am {day} besprochen, Entscheidung steht aus.",
        "Beim letzten Gespräch mit {person} ging es um {topic}.",
    ],
    "person": [
        "{person} möchte nur nachmittags angerufen werden, nicht vor 14 Uhr.",
        "{person} ist schlecht zu hören, bitte lieber schreiben.",
        "Kam auf Empfehlung eines Nachbarn, der selbst Mandant ist.",
        "Fristverlängerung bis Ende {next_month} erhalten.",
        "Plant den Verkauf der Eigentumswohnung, zehn Jahre sind im {next_month} um.",
        "Pendelt seit {month}, Entfernung neu berechnen: {kilometers} km.",
        "Bringt die Unterlagen gern selbst vorbei, meist {weekdays}.",
        "Handwerker im Haus: Rechnung über {hundreds} € kommt noch.",
        "Hat eine Wohnung geerbt, Grundbuchauszug fehlt noch (Stand {day}).",
        "Auskünfte nur an {person} selbst, ausdrücklich gewünscht.",
        "{person} geht im {next_month} in den Ruhestand, Renteneinkünfte beachten.",
        "Arbeitet seit {month} drei Tage zu Hause.",
        "Spendet jedes Jahr im Dezember, zuletzt {amount}.",
        "Steuererstattung bitte auf das neue Konto, mit {person} am Telefon bestätigt.",
        "Fragt nach der Photovoltaikanlage; Unterlagen kommen bis {weekday}.",
        "Hat Aktien bei zwei Banken; {person} lässt die Verluste bescheinigen.",
        "Zahlt immer sofort, mag keine Erinnerungen ({person}).",
        "Umzug im {next_month}, neue Anschrift abwarten.",
        "Tochter beginnt im {next_month} ein Studium, Freibetrag prüfen.",
        "Möchte einen Ausdruck der Erklärung, {person} liest ungern am Bildschirm.",
        "Pflegt einen Angehörigen, Pauschbetrag für {last_year} beantragt.",
        "Krankheitskosten von {hundreds} € gesammelt, liegen im Ordner.",
        "Vorauszahlung um rund {rent} € zu hoch, Antrag vorbereiten.",
        "Bescheid {last_year} angekommen, {person} wartet auf unseren Anruf.",
        "Nebenberuflich selbständig seit {month}, Kleinunternehmer.",
        "Termin am {weekday} um {hour} Uhr auf {person} eingetragen.",
        "{person} fragt, ob sich eine gemeinsame Veranlagung lohnt.",
        "Zahnersatz für {hundreds} €, Eigenanteil zählt.",
        "{person} fährt jetzt ein Dienstrad, Nutzung mit dem Arbeitgeber klären.",
        "Zweites Kind angekündigt, Elterngeld beachten ({person}).",
        "Ferienwohnung wird nur noch selbst genutzt, so {person} am {day}.",
        "Will künftig selbst über ELSTER abgeben, erst nach dem Bescheid {last_year}.",
        "Hat im {month} geheiratet, Steuerklassen besprechen.",
        "Lebensversicherung läuft im {next_month} aus, {hundreds} € erwartet.",
        "{person} bekommt eine Abfindung von {thousands} €, Fünftelregelung rechnen.",
        "Riester-Vertrag ruht seit {month}.",
        "Putzhilfe angemeldet, Minijob im Haushalt: {rent} € im Monat.",
        "Fortbildung für {hundreds} €, Rechnung bringt {person} mit.",
        "Mietvertrag mit dem Sohn: ortsübliche Miete prüfen, zurzeit {rent} € warm.",
    ],
    "club": [
        "{person} führt die Kasse bis zur nächsten Wahl im {next_month}.",
        "Freistellungsbescheid läuft aus, Tätigkeitsbericht bei {person} anfordern.",
        "Fest im Sommer: Einnahmen {hundreds} €, unter der Freigrenze.",
        "Zuwendungsbestätigungen stellt {person} selbst aus.",
        "Vorstand trifft sich {weekdays}, Fragen bitte vorher sammeln.",
        "Möchte eine Halle mieten, Frage zur Vorsteuer am {day} beantwortet.",
        "Übungsleiter bekommt 250 € im Monat, Freibetrag beachten.",
        "Honorar bitte erst nach dem Kassenbericht abrechnen, so mit {person} vereinbart.",
        "Rücklage für das Dach: {thousands} €, Beschluss liegt vor.",
        "{person} ist nur abends nach 19 Uhr erreichbar.",
    ],
    "estate": [
        "Schriftverkehr nur mit {person}, so von allen gewünscht.",
        "Ein Beteiligter wohnt im Ausland, Anschrift bei {person} erfragen.",
        "Dachreparatur {hundreds} €, auf drei Jahre verteilen?",
        "Hausgeldabrechnung kommt immer erst im {next_month}.",
        "Verkauf des Hauses im Gespräch, {person} meldet sich bis {weekday}.",
        "Bescheinigung über haushaltsnahe Leistungen am {day} verschickt.",
        "{person} bittet um Abschriften für alle Beteiligten.",
    ],
}
TOPICS = [
    "die neue Kasse", "eine Gehaltserhöhung", "das Dienstrad", "die Photovoltaikanlage", "den Firmenwagen", "einen Investitionsabzug",
    "die elektronische Rechnung", "die Vorauszahlungen", "den Mietvertrag", "die Abschreibung der Maschine", "eine Gesellschafterin",
    "die Rückstellungen", "das Verrechnungskonto", "die Inventur",
]  # fmt: skip
# How often another text is tried when one is already written.
TRIES = 12


class Notes:
    """Write notes, no text twice, the kinds of text in turn."""

    def __init__(self, office: Office) -> None:
        self.office, self.random = office, office.random
        self.written: set[str] = set()
        self._used: Counter[str] = Counter()

    def next(self, client: Client, moment: datetime) -> str | None:
        """Return a text that no note has yet, as of a moment (UTC); None when none was found."""
        fitting = [text for text in NOTES[client.sort] if fits(client, text)]
        for _ in range(TRIES):
            chosen = min(fitting, key=lambda text: (self._used[text], self.random.random()))
            self._used[chosen] += 1
            text = self._filled(client, chosen, moment)
            if text not in self.written:
                self.written.add(text)
                return text
        return None

    def _filled(self, client: Client, text: str, moment: datetime) -> str:
        for slot, values in (
            ("{person}", [person.name for person in client.people]), ("{topic}", TOPICS),
            ("{thousands}", [f"{n}.000" for n in range(12, 180, 4)]), ("{hundreds}", [f"{n // 1000}.{n % 1000:03}" for n in range(1150, 9900, 350)]),
            ("{rent}", [str(n) for n in range(380, 1000, 20)]), ("{weekdays}", ["montags", "dienstags", "mittwochs", "donnerstags"]),
            ("{kilometers}", [str(n) for n in range(11, 78)]),
        ):  # fmt: skip
            if slot in text:
                text = text.replace(slot, self.random.choice(values))
        return self.office.fill(text, moment)
