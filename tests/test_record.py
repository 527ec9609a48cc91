"""The client's record: what is kept, refused and written down when it changes, and what comes back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from core.access.contact_access import set_access
from core.access.preview import consequences
from core.audit.account_history import HistoryQuery, can_put_back, history_choices, put_back, read_history
from core.audit.examination import verify
from core.base.config import read_settings
from core.base.errors import AccountNotFound, AppError, EditConflict, NotAllowed, NotFound
from core.clients.account_record import (
    Change,
    archive_account,
    change_many,
    count_changed,
    delete_account,
    edit_account,
    read_record,
    restore_account,
    same_name,
)  # fmt: skip
from core.clients.contact_emails import add_email, change_email, delete_orphan, give_orphan, remove_email, switch_off_orphan
from core.clients.contacts import contacts_of, create_contact, edit_contact, link_contact, unlink_contact
from core.clients.custom_fields import change_field
from core.clients.search import search
from core.i18n import LANGUAGES, speaking, t, words_of
from core.identity.sessions import start_session
from core.operations.doctor import examine
from core.store import now, reader, writer
from core.ui.info.history_words import value_word
from tests.recorded import SYSTEM, entries, problems, state


class TestDetails:
    def test_what_was_changed_is_kept_recorded_and_found(self, firm, account, fields):
        raw = {"name": "  Müller  und Weber ", f"field:{fields['iban']}": "de89 3704 0044 0532 0130 00"}
        edit_account(account, account.version, raw, "de")
        record = read_record(account)
        assert record.values["name"] == "Müller und Weber"
        assert record.values[f"field:{fields['iban']}"] == "DE89370400440532013000"
        assert entries("account")[0] == ("changed", "name", "Müller/Weber GbR", "Müller und Weber")
        assert entries("account_field_value")[0] == ("changed", "value", None, "DE89370400440532013000")
        assert [row.account_id for row in search(firm.viewer("owner"), "weber und")] == [firm.own]

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            ({"name": " "}, {"name": "name_length"}),
            ({"name": "x" * 201}, {"name": "name_length"}),
            ({"name": "a\x1bb"}, {"name": "characters"}),
            ({"number": "10002"}, {"number": "number_in_use"}),
            ({"kind": "verein", "number": ""}, {"kind": "choice_unknown", "number": "number_length"}),
        ],
    )
    def test_each_problem_stands_at_its_field_and_nothing_is_kept(self, account, raw, expected):
        assert problems(edit_account, account, account.version, raw) == expected
        assert read_record(account).values["name"] == "Müller/Weber GbR"

    def test_a_number_of_an_account_one_does_not_see_is_in_use_and_no_more(self, firm):
        with writer(SYSTEM) as tx:
            tx.insert("staff_right", staff_member_id=firm.assigned, right_key="manage_accounts")
        assert problems(edit_account, firm.account("own", "assigned"), None, {"number": "10002"}) == {"number": "number_in_use"}

    def test_the_second_of_two_editors_is_told_and_overwrites_nothing(self, account):
        record = read_record(account)
        edit_account(account, record.version, {"name": "Erste"})
        with pytest.raises(EditConflict):
            edit_account(account, record.version, {"number": "777"})
        assert read_record(account).values["number"] == "10001"

    def test_a_changed_field_value_or_tag_counts_as_a_change_of_the_record(self, firm, account, fields):
        before = read_record(account).version
        edit_account(account, before, {f"field:{fields['finanzamt']}": "Bremen"})
        with pytest.raises(EditConflict):
            edit_account(account, before, {"name": "Zweite"})

    def test_a_required_field_is_asked_for_by_the_form_and_not_when_one_field_is_put_back(self, firm, account, fields):
        change_field(firm.viewer("owner"), fields["finanzamt"], 1, label="Finanzamt", type="text", required=True)
        assert problems(edit_account, account, None, {"name": "Neu"}) == {f"field:{fields['finanzamt']}": "needed"}
        edit_account(account, None, {"name": "Neu"}, partly=True)

    def test_tags_and_team_need_their_own_rights(self, firm):
        with writer(SYSTEM) as tx:
            tx.insert("staff_right", staff_member_id=firm.assigned, right_key="manage_accounts")
        for changes in ({"tags": ()}, {"team": ()}):
            with pytest.raises(NotAllowed):
                edit_account(firm.account("own", "assigned"), None, changes)

    def test_the_same_name_twice_is_allowed_and_told(self, firm, account):
        edit_account(account, None, {"name": "Leer AG"})
        assert same_name(account, "leer  ag") == ["10003"]

    def test_many_accounts_get_a_tag_with_an_entry_each(self, firm):
        with writer(SYSTEM) as tx:
            tag = tx.insert("tag", name="VIP")
        change = Change(add_tags=(tag,), remove_team=(firm.assigned,))
        assert count_changed(firm.viewer("owner"), [firm.own, firm.empty], change) == 2
        assert change_many(firm.viewer("owner"), [firm.own, firm.empty], change) == 2
        assert count_changed(firm.viewer("owner"), [firm.own, firm.empty], change) == 0
        assert change_many(firm.viewer("owner"), [firm.own, firm.empty], Change(add_tags=(tag,))) == 0
        assert len([e for e in entries("account_tag") if e[0] == "created"]) == 2

    def test_hundreds_of_accounts_are_changed_in_one_go_with_an_entry_each(self, firm):
        owner = firm.viewer("owner")
        with writer(SYSTEM) as tx:
            tag, ids = tx.insert("tag", name="VIP"), [tx.new_id() for _ in range(300)]
            tx.insert_many("account", ("account_id", "number", "name", "created_at"), [(i, str(i), f"K {i}", now()) for i in ids])
        before = len(examined(owner))
        for change, action in ((Change(add_tags=(tag,)), "created"), (Change(remove_tags=(tag,), add_team=(firm.unassigned,)), "deleted")):
            assert count_changed(owner, [*ids, firm.own], change) == 301
            assert change_many(owner, [*ids, firm.own], change) == 301
            assert len({account for did, account in examined(owner) if did == f"{action} account_tag"}) == 301
        with reader(SYSTEM) as r:
            assert r.value("SELECT min(version) FROM account WHERE account_id IN (SELECT unnest($ids))", ids=ids) == 3
            assert r.value("SELECT count(*) FROM assignment WHERE staff_member_id = $m", m=firm.unassigned) == 301
        assert len(examined(owner)) > before + 3 * 301
        with pytest.raises(AccountNotFound):
            change_many(owner, [firm.own, 987654], Change(add_tags=(tag,)))


def examined(owner) -> list[tuple[str, int]]:
    """(action and table, account) of every entry, once the record was found whole."""
    assert verify(owner, read_settings()).finding is None
    with reader(SYSTEM) as r:
        return [
            (f"{row['action']} {row['entity']}", row["account_id"]) for row in r.rows("SELECT action, entity, account_id FROM audit_entry")
        ]


class TestArchiveAndDelete:
    def test_archiving_suspends_access_and_restoring_gives_it_back(self, firm, account):
        archive_account(account)
        assert state(firm) == "archived"
        with reader(firm.viewer("portal")) as r:
            assert not r.sees(firm.own)
        restore_account(account)
        assert state(firm) == "active"
        with reader(firm.viewer("portal")) as r:
            assert r.sees(firm.own)

    def test_deleting_needs_the_name_and_leaves_the_contacts(self, firm, account):
        assert problems(delete_account, account, "Müller") == {"typed_name": "typed_name"}
        assert delete_account(account, "Müller/Weber GbR") == ["documents/eigenes.txt"]
        with pytest.raises(AccountNotFound):
            firm.account("own")
        with reader(SYSTEM) as r:
            assert r.value("SELECT name FROM contact WHERE contact_id = $c", c=firm.contact) == "Maria Müller"
            for table in ("invoice", "document", "note", "email_access", "account_contact", "account_figure"):
                assert r.value(f"SELECT count(*) FROM {table} WHERE account_id = $a", a=firm.own) == 0
        assert ("deleted", "name", "Müller/Weber GbR", None) in entries("account")


class TestConsequences:
    def codes(self, *call, **named) -> dict[str, dict]:
        return {c.code: c.values for c in consequences(*call, **named)}

    def test_they_are_told_and_nothing_happens(self, firm, account):
        told = self.codes(archive_account, account)
        who = "Maria Müller (maria@mueller.example)"
        assert told["login_lost"] == {"who": who, "n": 1, "names": "Müller/Weber GbR"}
        assert told["documents_lost"] == {"who": who, "n": 1}
        assert "signatory_lost" in told
        assert state(firm) == "active"
        assert entries("account")[0][0] == "created"

    def test_what_is_told_is_what_happens(self, firm, account):
        token = set_access(account, contacts_of(account)[0].emails[0]["contact_email_id"], login=True)
        assert token is None
        told = self.codes(set_access, account, firm.address, login=False)
        assert set(told) == {"login_lost", "documents_lost"}
        set_access(account, firm.address, login=False)
        assert self.codes(set_access, account, firm.address, login=True).keys() == {"login_gained", "invitations_made"}

    def test_another_address_of_somebody_who_signs_in_takes_the_door_from_the_old_one(self, firm, account):
        told = self.codes(change_email, account, firm.address, None, email="neu@mueller.example")
        assert told["login_lost"]["who"] == "Maria Müller (maria@mueller.example)"
        assert told["login_moved"]["who"] == "Maria Müller (neu@mueller.example)"
        assert "login_gained" not in told
        assert self.codes(change_email, account, firm.address, None, email="maria@mueller.example", label="Büro") == {}

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("n", [1, 2, 1234])
    def test_every_consequence_is_a_sentence_in_the_right_number(self, language, n):
        codes = {key.split(".")[1] for key in words_of(language) if key.startswith("consequences.")} - {"title"}
        with speaking(language):
            for code in codes:
                said = t(f"consequences.{code}", n=n, who="Maria", names="Müller/Weber GbR", left="3")
                assert said.endswith(".") and "{" not in said
                assert n > 1 or not re.search(r"\b1 (Dokumente|Vorgänge|Kunden|documents|papers|clients)\b", said.replace("3 ", ""))

    def test_a_team_change_tells_who_no_longer_sees_the_client(self, firm, account):
        told = self.codes(edit_account, account, None, {"team": (firm.unassigned,)})
        assert told == {"sight_lost": {"who": "Anna Zugeordnet", "n": 1}, "sight_gained": {"who": "Udo Niemand", "n": 1}}

    def test_a_name_has_none_and_a_refusal_is_a_refusal(self, firm, account):
        assert consequences(edit_account, account, None, {"name": "Neu"}) == []
        with pytest.raises(NotAllowed):
            consequences(archive_account, firm.account("own", "assigned"))


class TestHistory:
    def test_a_field_goes_back_to_what_it_was(self, firm, account, fields):
        edit_account(account, None, {"name": "Neu", f"field:{fields['finanzamt']}": "Bremen"})
        edit_contact(account, firm.contact, None, {"city": "Ulm"})
        rows = {(row["entity"], row["field"]): row for row in read_history(account, HistoryQuery()) if can_put_back(row)}
        for entity, field in (("account", "name"), ("account_field_value", "value"), ("contact", "city")):
            put_back(account, rows[entity, field]["audit_entry_id"])
        record = read_record(account)
        assert (record.values["name"], record.values[f"field:{fields['finanzamt']}"]) == ("Müller/Weber GbR", None)
        assert contacts_of(account)[0].values["city"] is None
        assert {row["through"] for row in read_history(account, HistoryQuery()) if row["field"] == "name"} == {"form", "put_back"}

    def test_filtered_by_person_and_field(self, firm, account):
        edit_account(account, None, {"name": "Neu"})
        edit_account(firm.account("own", "everything"), None, {"number": "777"})
        assert [row["field"] for row in read_history(account, HistoryQuery(member=firm.everything))] == ["number"]
        assert [row["who"] for row in read_history(account, HistoryQuery(entity="account", field="name"))] == ["Olga Owner"]

    def test_one_field_of_the_firms_own_or_what_one_contact_did_can_be_looked_at_alone(self, firm, account, fields):
        edit_account(account, None, {f"field:{fields['finanzamt']}": "Bremen", f"field:{fields['kontenrahmen']}": "SKR03"})
        with writer(replace(firm.viewer("portal"), through="portal")) as tx:
            tx.update("account", firm.own, name="Vom Kontakt")
        people, known = history_choices(account)
        assert people == {("staff", firm.owner): "Olga Owner", ("contact", firm.address): "maria@mueller.example"}
        labels = {label: what for what, label in known.items() if label}
        assert labels.keys() == {"Finanzamt", "Kontenrahmen"}
        assert [row["new_value"] for row in read_history(account, HistoryQuery(None, *labels["Finanzamt"]))] == ["Bremen"]
        assert [row["new_value"] for row in read_history(account, HistoryQuery(firm.address, kind="contact"))] == ["Vom Kontakt"]

    @pytest.mark.parametrize(
        ("entity", "field", "type_", "value", "shown"),
        [
            ("account_field_value", "value", "money", "1234.50", "1.234,50\xa0€"),
            ("account_field_value", "value", "date", "2026-12-31", "31.12.2026"),
            ("account_field_value", "value", "choices", '["GmbH", "AG"]', "GmbH, AG"),
            ("contact_field_value", "value", "staff_member", "7", "Anna"),
            ("contact", "born_on", None, "1968-07-02", "02.07.1968"),
            ("contact", "language", None, "en", "English"),
            ("contact", "country", None, "AT", "Österreich"),
            ("task", "status", None, "in_progress", "in Arbeit"),
            ("task", "priority", None, "urgent", "dringend"),
            ("document", "status", None, "signed", "unterschrieben"),
            ("time_entry", "minutes", None, "90", "1:30 h"),
            ("email_access", "notify", None, "true", "ja"),
            ("contact", "born_on", None, "kein Tag", "kein Tag"),
        ],
    )
    def test_values_are_written_as_people_read_them(self, entity, field, type_, value, shown):
        row = {"entity": entity, "field": field, "type": type_, "action": "changed"}
        with speaking("de"):
            assert value_word(row, value, {7: "Anna"}).lower() == shown.lower()

    def test_of_what_is_deleted_no_bare_numbers_are_told(self, firm, account):
        edit_account(account, None, {"team": ()})
        gone = [(row["entity"], row["field"]) for row in read_history(account, HistoryQuery()) if row["action"] == "deleted"]
        assert gone == [("assignment", "staff_member_id")]

    def test_money_is_left_out_for_who_may_not_see_it(self, firm):
        assert "invoice" in {row["entity"] for row in read_history(firm.account("own"), HistoryQuery(), limit=500)}
        assert not {"invoice", "time_entry"} & {
            row["entity"] for row in read_history(firm.account("own", "assigned"), HistoryQuery(), limit=500)
        }

    def test_an_entry_of_another_account_is_missing(self, firm, account):
        edit_account(firm.account("foreign"), None, {"name": "Neu"})
        entry = read_history(firm.account("foreign"), HistoryQuery(field="name"))[0]
        with pytest.raises(NotFound):
            put_back(account, entry["audit_entry_id"])


class TestEverythingAgrees:
    def test_doctor_finds_nothing_after_a_day_of_changes(self, firm, account, settings):
        start_session(firm.viewer("portal"), "127.0.0.1", "test")
        second = add_email(account, firm.contact, "zwei@mueller.example")
        set_access(account, second, login=True)
        remove_email(account, second)
        delete_orphan(account, second)
        heir = create_contact(account, {"name": "Erbin"})
        remove_email(account, firm.address)
        give_orphan(account, firm.address, heir)
        assert [row.account_id for row in search(firm.viewer("owner"), "maria@mueller")] == [firm.own]
        unlink_contact(account, firm.contact)
        link_contact(firm.account("empty"), firm.contact)
        remove_email(account, firm.address)
        delete_orphan(account, firm.address)
        archive_account(firm.account("foreign"))
        delete_account(firm.account("empty"), "Leer AG")
        # The small firm of the tests has a payment without its row, files that are nowhere, and an account without contacts.
        assert {code for code, _ in examine(settings)} <= {"paid", "file_missing", "contact"}
        with reader(SYSTEM) as r:
            assert r.value("SELECT count(*) FROM account WHERE account_id NOT IN (SELECT account_id FROM account_contact)") == 1

    def test_an_address_that_was_asked_to_sign_stays_on_record(self, firm, account):
        with writer(SYSTEM) as tx:
            paper = tx.insert("signature", account_id=firm.own, document_name="Vollmacht", sent_at=tx.moment)
            tx.insert("signatory", account_id=firm.own, signature_id=paper, contact_id=firm.contact, contact_email_id=firm.address)
        remove_email(account, firm.address)
        with pytest.raises(AppError, match="address_signed"):
            delete_orphan(account, firm.address)
        switch_off_orphan(account, firm.address)

    def test_entries_of_an_unseen_account_stay_unseen_through_a_shared_contact(self, firm, account):
        link_contact(firm.account("foreign"), firm.contact)
        set_access(firm.account("foreign"), firm.address, notify=True)
        with reader(firm.viewer("assigned")) as r:
            assert r.value("SELECT count(*) FROM audit_entry WHERE account_id = $a", a=firm.foreign) == 0
