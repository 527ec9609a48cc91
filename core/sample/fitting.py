"""Which texts fit which client: who publishes accounts, pays wages or value added tax, or has members."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.sample.office import Client

PUBLISHES = ("GmbH", "gGmbH", "UG (haftungsbeschränkt)", "AG", "eG", "GmbH & Co. KG")
# Legal forms that need not draw up a balance sheet (§ 4 (3) EStG).
WITHOUT_BALANCE = ("Einzelunternehmen", "Freiberuflich", "GbR", "PartG mbB")


def fits(client: Client, text: str) -> bool:
    """Return whether a text may be said of the client, or to it."""
    if client.kind == "company":
        if "Lohn" in text or "Gehalts" in text or "Mitarbeiterin" in text or "Stundenliste" in text:
            return client.has_wages
        if any(word in text for word in ("USt-", "Voranmeldung", "Umsatzsteuer", "Rechnung ins Ausland")):
            return client.pays_vat
        if "Offenlegung" in text:
            return client.legal_form in PUBLISHES
        if "Gesellschafterin" in text:
            return client.legal_form not in ("Einzelunternehmen", "Freiberuflich", "e. K.")
        if "Gewinnermittlung" in text:
            return client.legal_form in WITHOUT_BALANCE
        if "Vollständigkeitserklärung" in text or (text.startswith("Jahresabschluss") and text.endswith(".pdf")):
            return client.legal_form not in WITHOUT_BALANCE
    elif "Mitglied" in text or "Beitrag" in text:
        return client.kind == "person" or client.legal_form == "e. V."
    return True
