"""Kinds of the sample's documents, by the beginning of their names: letterhead and lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

CLIENT = ""
FIRM = "Musterkanzlei Lindner & Partner"


@dataclass(frozen=True)
class Kind:
    """A kind of paper.

    ``head`` is the writer in its letterhead (the client, if empty); ``lines`` get amounts, or are sentences without ``amounts``.
    """

    head: str
    lines: tuple[str, ...]
    amounts: bool = True
    # What a photograph shows; its words have no umlauts, which the font of Pillow lacks.
    picture: str = ""


def _sums(head: str, lines: str) -> Kind:
    return Kind(head, tuple(lines.split(" | ")))


def _words(head: str, lines: str) -> Kind:
    return Kind(head, tuple(lines.split(" | ")), amounts=False)


def _picture(picture: str, head: str, lines: str, *, amounts: bool = False) -> Kind:
    return Kind(head, tuple(lines.split(" | ")), amounts, picture)


SUPPLIER = "Lieferkontor Musterstadt GmbH"
KINDS: dict[str, Kind] = {
    # From companies
    "Kontoauszug": _sums("Sparbank Musterstadt", "Überweisung Kundschaft | Miete | Lastschrift Telefon | Kartenzahlung | Kontoführung | Einzahlung"),
    "Eingangsrechnungen": _sums(CLIENT, "Warenlieferung | Büromaterial | Telefon | Versicherung | Wartung | Reinigung | Porto"),
    "Eingangsrechnung": _sums(SUPPLIER, "Ware nach Liste | Fracht | Verpackung | Palettengebühr | Mindermengenzuschlag"),
    "Kassenbuch": _sums(CLIENT, "Tageseinnahme | Einlage | Porto | Büromaterial | Bewirtung | Entnahme"),
    "Tankbelege": _sums("Tankstelle am Ring", "Diesel | Super E10 | AdBlue | Wagenwäsche | Motoröl"),
    "Quittung": _picture("receipt", "Schreibwaren am Markt", "Druckerpapier | Ordner | Toner | Briefmarken | Stifte | Etiketten", amounts=True),
    "Ausgangsrechnungen": _sums(CLIENT, "Leistung nach Vertrag | Warenverkauf | Lieferung | Montage | Abschlagsrechnung"),
    "Lohnvorgaben": _words(CLIENT, "Stunden wie im Vormonat. | Eine Prämie für zwei Kollegen. | Urlaub: zwei Tage. | Keine neuen Verträge."),
    "Mietrechnung": _sums("Hausverwaltung Musterstadt", "Miete Geschäftsräume | Nebenkosten | Stellplatz | Heizkosten"),
    "Kreditkartenabrechnung": _sums("Sparbank Musterstadt", "Hotel | Bahnfahrt | Bewirtung | Software | Kartengebühr"),
    "Fahrtenbuch": _sums(CLIENT, "Kundenbesuch | Baustelle | Großmarkt | Werkstatt | Privatfahrt"),
    "Handyrechnung": _sums("Funknetz Muster AG", "Grundgebühr | Datenpaket | Ausland | Gerätezahlung"),
    "Foto Lieferschein": _picture("list", SUPPLIER, "2 Kartons Ware | 1 Palette | 4 Gebinde | 12 Einzelteile | 1 Rolle Folie"),
    "Stundenliste": _sums(CLIENT, "Frühschicht | Spätschicht | Überstunden | Fahrzeit | Rufbereitschaft"),
    # From private people
    "Lohnsteuerbescheinigung": _sums("Lohnbüro des Arbeitgebers", "Bruttoarbeitslohn | Lohnsteuer | Solidaritätszuschlag | Rentenversicherung | Krankenversicherung"),
    "Spendenbescheinigung": _sums("Hilfswerk Musterstadt e. V.", "Geldzuwendung | Mitgliedsbeitrag | Sachzuwendung"),
    "Handwerkerrechnung": _sums("Handwerk Muster GmbH", "Arbeitslohn | Anfahrt | Material | Entsorgung"),
    "Nebenkostenabrechnung": _sums("Hausverwaltung Musterstadt", "Heizung | Wasser | Hausmeister | Müllabfuhr | Grundsteuer | Gartenpflege"),
    "Versicherungsbeiträge": _sums("Versicherung Muster a. G.", "Haftpflicht | Unfallversicherung | Krankenversicherung | Berufsunfähigkeit"),
    "Foto Quittung": _picture("receipt", "Apotheke am Weiher", "Medikamente | Zuzahlung | Verbandszeug | Brille", amounts=True),
    "Fahrten zur Arbeit": _words(CLIENT, "220 Tage zur ersten Tätigkeitsstätte. | Einfache Entfernung 18 km. | Davon 40 Tage mit der Bahn. | 25 Tage zu Hause gearbeitet."),
    "Bescheid Elterngeld": _sums("Elterngeldstelle Musterstadt", "Basiselterngeld | Elterngeld Plus | Geschwisterbonus"),
    "Zinsbescheinigung": _sums("Sparbank Musterstadt", "Zinsen Tagesgeld | Zinsen Festgeld | Kapitalertragsteuer | Solidaritätszuschlag"),
    "Mieteinnahmen": _sums(CLIENT, "Miete Wohnung 1 | Miete Wohnung 2 | Umlagen | Stellplatz"),
    "Personalausweis": _picture("card", CLIENT, "PERSONALAUSWEIS | Muster, kein echter Ausweis"),
    # From associations
    "Kassenbericht": _sums(CLIENT, "Mitgliedsbeiträge | Spenden | Raummiete | Veranstaltung | Versicherung | Porto"),
    "Protokoll Mitgliederversammlung": _words(CLIENT, "Begrüßung und Feststellung der Beschlussfähigkeit. | Bericht des Vorstands. | Der Kassenbericht wird genehmigt. | Der Vorstand wird entlastet."),
    "Beitragsliste": _sums(CLIENT, "Beitrag Erwachsene | Beitrag Familie | Beitrag Jugend | Fördermitglied"),
    "Spendenliste": _sums(CLIENT, "Einzelspende | Sammlung | Sachspende | Dauerspende"),
    "Foto Aushang": _picture("list", CLIENT, "Einladung | Sommerfest am Samstag | Kuchen willkommen | Helfer gesucht"),
    "Notizen Vorstandssitzung": _words(CLIENT, "Termin für das Sommerfest. | Angebot für die Heizung einholen. | Neue Mitglieder begrüßen. | Satzung prüfen lassen."),
    # From the online shop
    "Retourenbeleg": _sums(CLIENT, "Erstattung Ware | Erstattung Versand | Rücksendekosten"),
    "Lieferschein": _words(SUPPLIER, "2 Kartons Ware. | 1 Palette gemischt. | 40 Versandtaschen. | 6 Rollen Klebeband."),
    "Zahlungsabrechnung": _sums("Zahldienst Muster AG", "Auszahlung | Gebühr | Rückerstattung | Rücklastschrift"),
    "Zollbescheid": _sums("Hauptzollamt Musterhafen", "Zoll | Einfuhrumsatzsteuer | Antidumpingzoll | Lagergebühr"),
    "Paketliste": _words(CLIENT, "14 Pakete Inland. | 3 Pakete Österreich. | 1 Paket Schweiz, mit Zollerklärung. | 2 Pakete nicht abgeholt."),
    "Foto Transportschaden": _picture("parcel", CLIENT, "VORSICHT GLAS"),
    "Gutschrift": _sums(SUPPLIER, "Gutschrift Ware | Gutschrift Fracht | Nachlass | Bonus"),
    # From the firm
    "BWA": _sums(FIRM, "Umsatzerlöse | Wareneinsatz | Personalkosten | Raumkosten | Fahrzeugkosten | Abschreibungen"),
    "USt-Voranmeldung": _sums(FIRM, "Umsatzsteuer 19 % | Umsatzsteuer 7 % | Vorsteuer | Innergemeinschaftlicher Erwerb"),
    "Lohnjournal": _sums(FIRM, "Bruttolohn | Lohnsteuer | Sozialversicherung | Nettolohn | Vermögenswirksame Leistungen"),
    "Summen und Salden": _sums(FIRM, "Bank | Kasse | Forderungen | Verbindlichkeiten | Umsatzsteuer | Privat"),
    "Steuerberechnung": _sums(FIRM, "Einkünfte | Sonderausgaben | Einkommensteuer | Solidaritätszuschlag"),
    "Merkblatt Belege": _words(FIRM, "Belege bitte vollständig und lesbar hochladen. | Bewirtung: Anlass und Gäste angeben. | Originale zehn Jahre aufbewahren. | Barbelege täglich festhalten."),
    "Bescheidprüfung": _sums(FIRM, "Festgesetzte Steuer | Berechnete Steuer | Abweichung | Nachzahlung"),
    "Kassenprüfung": _sums(FIRM, "Anfangsbestand | Einnahmen | Ausgaben | Endbestand"),
    "Muster Zuwendungsbestätigung": _words(FIRM, "Name und Anschrift des Zuwendenden. | Betrag in Ziffern und in Buchstaben. | Tag der Zuwendung. | Unterschrift des Vorstands."),
    "Jahresabschluss": _sums(FIRM, "Anlagevermögen | Umlaufvermögen | Eigenkapital | Rückstellungen | Verbindlichkeiten | Jahresüberschuss"),
    "Lohnabrechnung": _sums(FIRM, "Bruttolohn | Lohnsteuer | Krankenversicherung | Rentenversicherung | Nettolohn"),
    "Gewinnermittlung": _sums(FIRM, "Betriebseinnahmen | Wareneinkauf | Raumkosten | Abschreibungen | Gewinn"),
    "Einkommensteuererklärung": _sums(FIRM, "Einkünfte | Werbungskosten | Sonderausgaben | Außergewöhnliche Belastungen"),
    "Anlage V": _sums(FIRM, "Mieteinnahmen | Umlagen | Schuldzinsen | Abschreibung | Erhaltungsaufwand"),
    "Körperschaftsteuererklärung": _sums(FIRM, "Einkünfte | Freibetrag | Körperschaftsteuer | Solidaritätszuschlag"),
    "Feststellungserklärung": _sums(FIRM, "Einkünfte | Anteil Beteiligte 1 | Anteil Beteiligte 2 | Werbungskosten"),
    "Vollständigkeitserklärung": _words(FIRM, "Alle Geschäftsvorfälle sind erfasst. | Alle Unterlagen wurden vorgelegt. | Verträge und Haftungen sind genannt. | Ort, Tag und Unterschrift"),
    "Offenlegung": _words(FIRM, "Bilanz in verkürzter Form. | Anhang in verkürzter Form. | Einreichung beim Unternehmensregister. | Ort, Tag und Unterschrift"),
    "Vollmacht Finanzamt": _words(FIRM, "Vertretung in allen Steuersachen. | Empfang von Bescheiden. | Einlegen von Einsprüchen. | Ort, Tag und Unterschrift"),
    "SEPA-Lastschriftmandat": _words(FIRM, "Ermächtigung zum Einzug fälliger Rechnungen. | Wiederkehrende Zahlung. | Widerruf jederzeit möglich. | Ort, Tag und Unterschrift"),
    "Fristverlängerung": _words(FIRM, "Antrag an das zuständige Finanzamt. | Unterlagen liegen noch nicht vollständig vor. | Verlängerung um zwei Monate. | Ort, Tag und Unterschrift"),
}  # fmt: skip
_NUMBERS = re.compile(r"\d[\d.-]*")
_LONGEST_FIRST = sorted(KINDS, key=len, reverse=True)


def kind_of(name: str) -> str:
    """Return the key in ``KINDS`` of a document's name. Raises KeyError."""
    return _known(_NUMBERS.sub("", name.rsplit(".", 1)[0]).rstrip())


@cache
def _known(words: str) -> str:
    found = next((key for key in _LONGEST_FIRST if words == key or words.startswith(f"{key} ")), None)
    if found is None:
        raise KeyError(words)
    return found
