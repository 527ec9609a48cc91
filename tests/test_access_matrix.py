"""Zugriffe: every address at every client one sees, with what it may there; what is odd is marked and comes first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.base.errors import NotAllowed
from core.base.rights import Viewer
from core.clients.contact_emails import address_matrix
from core.store import now, writer
from tests.small_firm import build_firm

ODD = ("login_without_notify", "nobody_signs", "staff_address", "no_login_for_a_year", "is_orphan")


def build_odd(_):
    """Five addresses at the foreign client, each odd in one way, and one that may do nothing; where nobody signs, all of a client's are odd."""
    firm = build_firm()
    moment, long_ago = now(), now() - timedelta(days=400)
    with writer(Viewer.system("tests")) as tx:
        tx.update("email_access", {"account_id": firm.own, "contact_id": firm.contact, "contact_email_id": firm.address}, notify=True)
        contact = tx.insert("contact", name="Sven Schmidt", created_at=moment)
        tx.insert("account_contact", account_id=firm.foreign, contact_id=contact, created_at=moment)

        def address(email: str, *, of: int | None = contact, account: int = firm.foreign, **access: object) -> None:
            number = tx.insert("contact_email", contact_id=of, email=email, created_at=moment)
            if access:
                tx.insert("email_access", account_id=account, contact_id=contact, contact_email_id=number, **access)

        address("nichts@schmidt.example")
        address("ohne@schmidt.example", login=True, first_login_at=moment)
        address("assigned@kanzlei.example", email_sync=True, signatory=True)
        address("lange@schmidt.example", login=True, notify=True, first_login_at=long_ago)
        address("niemandes@schmidt.example", of=None, login=True, suspended_at=moment)
        third = tx.insert("contact", name="Lea Leer", created_at=moment)
        tx.insert("account_contact", account_id=firm.empty, contact_id=third, created_at=moment)
        address("lea@leer.example", of=third, account=firm.empty)
        tx.insert("contract", account_id=firm.empty, name="Vollmacht", status="pending", sent_at=moment)
    return firm


@pytest.fixture
def firm(holding):
    return holding(build_odd)


def told(firm, who: str, *, only_odd: bool = False) -> dict[str, str]:
    """What is odd, by address."""
    rows = address_matrix(firm.viewer(who), only_odd=only_odd)
    return {row["email"]: " ".join(code for code in ODD if row[code]) for row in rows}


def test_what_is_odd_is_marked_and_comes_first(firm):
    odd = {
        "ohne@schmidt.example": "login_without_notify", "assigned@kanzlei.example": "staff_address",
        "lange@schmidt.example": "no_login_for_a_year", "niemandes@schmidt.example": "is_orphan", "lea@leer.example": "nobody_signs",
    }  # fmt: skip
    everything = told(firm, "owner")
    assert everything == odd | {"nichts@schmidt.example": "", "maria@mueller.example": ""}
    assert set(list(everything)[: len(odd)]) == set(odd)
    assert told(firm, "owner", only_odd=True) == odd
    row = next(row for row in address_matrix(firm.viewer("owner")) if row["email"] == "nichts@schmidt.example")
    assert [row[switch] for switch in ("login", "email_sync", "notify", "signatory")] == [False] * 4


def test_one_reads_only_of_the_clients_one_sees(firm):
    assert told(firm, "assigned") == {"maria@mueller.example": ""}
    assert told(firm, "unassigned") == {}
    with pytest.raises(NotAllowed):
        address_matrix(firm.viewer("portal"))
