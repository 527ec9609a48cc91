"""Access and invitations for many clients: rehearsed per address, done per address, told per address; and archiving many."""

from __future__ import annotations

import smtplib
import socket

import pytest

from core.access.access_for_many import ADDRESSES_AT_ONCE, Given, Place, give_access, places_of, rehearse_access
from core.access.contact_access import open_invitation
from core.access.preview import consequences
from core.base.errors import AccountNotFound, AppError, NotAllowed
from core.base.rights import Viewer
from core.clients.account_record import archive_account, archive_many, restore_many
from core.store import now, reader, writer
from tests.small_firm import build_firm

SYSTEM = Viewer.system("tests")


def build_many(_):
    """The small firm, and at its other clients contacts of every kind: invited, with a password, without an address, of two clients."""
    firm = build_firm()
    with writer(SYSTEM) as tx:

        def contact(name: str, *accounts: int, email: str = "", **address: object) -> int | None:
            number = tx.insert("contact", name=name, created_at=now())
            for account in accounts:
                tx.insert("account_contact", account_id=account, contact_id=number, created_at=now())
            if not email:
                return None
            return tx.insert("contact_email", contact_id=number, email=email, is_primary=True, created_at=now(), **address)

        firm.shared = contact("Beide", firm.foreign, firm.empty, email="beide@kunde.example")
        firm.known = contact("Kennt Passwort", firm.empty, email="kennt@kunde.example", password_hash="x")
        contact("Ohne Adresse", firm.empty)
    return firm


@pytest.fixture
def firm(holding):
    return holding(build_many)


def told(given: list[Given]) -> dict[tuple[str, str | None], str]:
    return {(one.place.account, one.place.email): one.outcome for one in given}


def entries(action: str, entity: str) -> int:
    with reader(SYSTEM) as r:
        return r.value("SELECT count(*) FROM audit_entry WHERE action = $a AND entity = $e", a=action, e=entity)


def test_it_is_rehearsed_then_done_per_address(firm):
    owner = firm.viewer("owner")
    places = places_of(owner, [firm.own, firm.foreign, firm.empty])
    rehearsed = rehearse_access(owner, places, ("login", "notify"))
    assert told(rehearsed) == {
        ("Müller/Weber GbR", "maria@mueller.example"): "granted",
        ("Schmidt Straßenbau", "beide@kunde.example"): "invited",
        ("Leer AG", "beide@kunde.example"): "invited",
        ("Leer AG", "kennt@kunde.example"): "granted",
        ("Leer AG", None): "no_address",
    }
    assert entries("invited", "contact_email") == 0 and not any(one.token for one in rehearsed)
    given = give_access(owner, places, ("login", "notify"))
    assert told(given) == told(rehearsed)
    [link] = [one for one in given if one.token]
    assert open_invitation(link.token).email == "beide@kunde.example", "one address has one link, whatever the number of its clients"
    assert entries("invited", "contact_email") == 1
    with reader(SYSTEM) as r:
        assert r.value("SELECT count(*) FROM email_access WHERE login AND notify") == 4
        states = {row["name"]: row["state"] for row in r.rows("SELECT name, state FROM account")}
    assert states == {"Müller/Weber GbR": "active", "Schmidt Straßenbau": "pending", "Leer AG": "pending"}


def test_a_second_time_nothing_happens_unless_they_are_invited_again(firm):
    owner = firm.viewer("owner")
    [first] = give_access(owner, places_of(owner, [firm.foreign]), ("login",))
    assert told(rehearse_access(owner, places_of(owner, [firm.foreign]), ("login",))) == {
        ("Schmidt Straßenbau", "beide@kunde.example"): "present"
    }
    [again] = give_access(owner, places_of(owner, [firm.foreign]), ("login",), again=True)
    assert (again.outcome, again.voids) == ("invited_again", True)
    assert open_invitation(first.token) is None and open_invitation(again.token) is not None
    [more] = give_access(owner, places_of(owner, [firm.foreign]), ("login", "notify"), again=True)
    assert more.outcome == "invited_again", "a further switch does not keep the invitation from being sent anew"
    with reader(SYSTEM) as r:
        assert r.value("SELECT count(*) FROM email_access WHERE login AND notify") == 1


def test_what_holds_one_up_hinders_no_other(firm):
    owner = firm.viewer("owner")
    places = places_of(owner, [firm.own, firm.foreign, firm.empty])
    archive_account(firm.account("foreign"))
    with writer(SYSTEM) as tx:
        tx.insert(
            "email_access",
            account_id=firm.empty,
            contact_id=tx.found("contact_email", firm.known)["contact_id"],
            contact_email_id=firm.known,
            login=False,
        )
        tx.delete_all("account_contact", account_id=firm.own)
    given = told(give_access(owner, places, ("login",)))
    assert given == {
        ("Müller/Weber GbR", "maria@mueller.example"): "gone",
        ("Schmidt Straßenbau", "beide@kunde.example"): "archived",
        ("Leer AG", "beide@kunde.example"): "invited",
        ("Leer AG", "kennt@kunde.example"): "changed",
        ("Leer AG", None): "no_address",
    }


def test_who_sees_few_clients_gives_access_to_those_alone(firm):
    everywhere = places_of(firm.viewer("owner"), [firm.own, firm.foreign])
    assigned = firm.viewer("assigned")
    for refused in (lambda: places_of(assigned, [firm.own]), lambda: give_access(assigned, everywhere, ("login",))):
        with pytest.raises(NotAllowed):
            refused()
    with writer(SYSTEM) as tx:
        tx.insert("staff_right", staff_member_id=firm.assigned, right_key="manage_accounts")
    assert {place.account for place in places_of(assigned, [firm.own, firm.foreign])} == {"Müller/Weber GbR"}
    assert told(give_access(assigned, everywhere, ("notify",))) == {
        ("Müller/Weber GbR", "maria@mueller.example"): "granted", ("Schmidt Straßenbau", "beide@kunde.example"): "gone",
    }  # fmt: skip


def test_an_address_of_many_clients_gets_one_link_also_in_pieces(firm):
    owner = firm.viewer("owner")
    with writer(SYSTEM) as tx:
        ids = [tx.insert("account", number=f"K{n}", name=f"K {n:03}", created_at=now()) for n in range(ADDRESSES_AT_ONCE + 20)]
        beide = tx.found("contact_email", firm.shared)["contact_id"]
        for number in ids:
            tx.insert("account_contact", account_id=number, contact_id=beide, created_at=now())
    given = give_access(owner, places_of(owner, [*ids, firm.empty]), ("login",))
    assert [one.outcome for one in given].count("invited") == len(ids) + 1
    assert [one.place.email for one in given if one.token] == ["beide@kunde.example"]


def test_many_are_archived_and_restored_with_an_entry_each(firm):
    owner, ids = firm.viewer("owner"), [firm.own, firm.foreign, firm.empty]
    archive_account(firm.account("empty"))
    said = [one.code for one in consequences(archive_many, owner, ids)]
    assert said == ["login_lost", "documents_lost", "signatory_lost"]
    assert archive_many(owner, ids) == 2
    with reader(SYSTEM) as r:
        assert {row["state"] for row in r.rows("SELECT state FROM account")} == {"archived"}
        assert r.value("SELECT count(*) FROM audit_entry WHERE field = 'archived_at'") == 3
    assert restore_many(owner, ids) == 3
    with reader(SYSTEM) as r:
        assert sorted(row["state"] for row in r.rows("SELECT state FROM account")) == ["active", "offline", "offline"]
    with pytest.raises(AccountNotFound):
        archive_many(owner, [firm.own, 987654])
    with pytest.raises(AppError):
        archive_many(owner, list(range(6000)))
    with pytest.raises(NotAllowed):
        archive_many(firm.viewer("assigned"), [firm.own])


def test_with_mail_each_invitation_is_sent_until_the_server_is_away(firm, monkeypatch):
    from core.ui.clients import access_for_many as dialog
    from core.ui.forms import shown_link

    tried = []

    def send(_settings, to: str, *_words: str) -> None:
        tried.append(to)
        if to == "b@kunde.example":
            raise AppError("mail_failed") from smtplib.SMTPRecipientsRefused({})
        if to == "c@kunde.example":
            raise AppError("mail_failed") from socket.gaierror()

    monkeypatch.setattr(shown_link, "send", send)
    monkeypatch.setattr(shown_link, "can_send", lambda _: True)
    monkeypatch.setattr(shown_link, "site_address", lambda: "http://kanzlei.example")
    places = [Place(1, "K", "1", "Wer", n, f"{letter}@kunde.example", 0) for n, letter in enumerate("abcd", 1)]
    given = [Given(place, "invited", token="x") for place in places]
    own = dialog.Rehearsal()
    dialog._send(firm.viewer("owner"), own, given)
    assert tried == ["a@kunde.example", "b@kunde.example", "c@kunde.example"]
    assert own.links[1].mail == "sent"
    assert [row[1] for row in dialog._links(own, given)] == ["b@kunde.example", "c@kunde.example", "d@kunde.example"]
    dialog._send(firm.viewer("owner"), own, given)
    assert len(tried) == 3, "drawn again, nobody gets a second mail"
