"""*Verlauf*: what was done in one save is one sentence."""

from __future__ import annotations

import pytest

from core.access.contact_access import set_access
from core.audit.account_history import HistoryQuery, read_history
from core.base.rights import Viewer
from core.clients.account_record import Change, change_many, edit_account
from core.clients.tags import define_tag
from core.i18n import speaking
from core.store import now
from core.ui.info.history_acts import acts_of, sentence_of

AT = now()


def said(account, code: str = "de") -> list[str]:
    with speaking(code):
        return [sentence_of(act) for act in acts_of(read_history(account, HistoryQuery()))]


def test_one_save_is_one_sentence_and_names_its_fields(firm):
    account = firm.account()
    before = len(said(account))
    edit_account(account, None, {"name": "Müller & Weber GbR", "kind": "other"}, partly=True)
    assert len(said(account)) == before + 1
    assert said(account)[0] in ("Kunde: Name, Art geändert", "Kunde: Art, Name geändert")
    assert said(account, "en")[0] in ("Client: Name, Type changed", "Client: Type, Name changed", "Account: Name, Type changed")


def test_two_saves_are_two_sentences(firm):
    account = firm.account()
    before = len(said(account))
    for name in ("Eins GbR", "Zwei GbR"):
        edit_account(account, None, {"name": name}, partly=True)
    assert said(account)[: len(said(account)) - before] == ["Kunde: Name geändert"] * 2


def test_switches_tags_and_people_are_said_as_what_they_are(firm):
    account, owner = firm.account(), Viewer.staff(firm.owner)
    set_access(account, firm.address, None, notify=True)
    assert said(account)[0] == "Benachrichtigungen für maria@mueller.example eingeschaltet"
    tag = define_tag(owner, name="VIP", color="blue")
    change_many(owner, [firm.own], Change(add_tags=(tag,), add_team=(firm.unassigned,)))
    assert set(said(account)[0].split("; ")) == {"Tag VIP vergeben", "Udo Niemand zugeordnet"}


def entry(number: int, entity: str, action: str, field: str | None = None, **more: object) -> dict[str, object]:
    return {
        "audit_entry_id": number, "made_at": AT, "actor_kind": "staff", "actor_id": 1, "through": "form",
        "entity": entity, "action": action, "field": field, "entity_id": number, "account_id": 1, "contact_id": None, "contact": None,
        "label": None, "old_value": None, "new_value": None, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([entry(2, "account", "changed", "state"), entry(1, "account", "changed", "name", entity_id=2)], "Kunde: Name geändert"),
        ([entry(1, "account", "changed", "state")], "Kunde: Status geändert"),
        ([entry(2, "photo", "created"), entry(1, "photo", "deleted", "file")], "Foto geändert"),
        ([entry(1, "photo", "deleted", "file")], "Foto entfernt"),
        (
            [entry(2, "account_field_value", "changed", "value", label="Steuernummer"), entry(1, "account", "changed", "name")],
            "Kunde: Name, Steuernummer geändert",
        ),
        ([entry(n, "document", "created") for n in (3, 2, 1)], "Dokument angelegt"),
        ([entry(1, "contact_email", "mail_sent", label="a@b.example")], "E-Mail-Adresse a@b.example: Benachrichtigung verschickt"),
    ],
)  # fmt: skip
def test_what_the_program_writes_along_is_folded(rows, words):
    with speaking("de"):
        assert [sentence_of(act) for act in acts_of(rows)] == [words]


def test_who_opens_an_upload_first_saw_it(firm):
    act = [entry(1, "document", "changed", "seen_at", entity_id=5), entry(2, "document", "changed", "seen_by", entity_id=5)]
    with speaking("de"):
        assert sentence_of(act) == "Dokument gesehen"
        renamed = [entry(1, "document", "changed", "seen_at", entity_id=5), entry(2, "document", "changed", "name", entity_id=5)]
        assert sentence_of(renamed) == "Dokument: Gesehen am, Name geändert"
