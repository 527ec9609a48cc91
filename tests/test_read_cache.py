"""What is kept in memory between two looks never outlives a change of what it was read from."""

from __future__ import annotations

from collections import Counter

import pytest

from core.access.open_account import account_head, open_account
from core.access.verbs import rights_of
from core.base.errors import AccountNotFound, SignedOut, StoreFull
from core.base.rights import Right, Viewer
from core.clients.recent_accounts import recent, remember_opened, write_opened
from core.operations.installation import open_installation
from core.store import cached, close_store, engine, reader, writer
from core.store.read_cache import EVERYTHING, ReadCache, written_by

SYSTEM = Viewer.system("tests")


def recorded(viewer: Viewer) -> list[int]:
    with reader(viewer) as r:
        return [row["account_id"] for row in r.rows("SELECT account_id FROM recent_account ORDER BY opened_at DESC")]


def test_an_answer_is_read_once_until_its_table_is_written(firm):
    viewer, asked = firm.viewer("owner"), []

    def tags(r) -> int:
        asked.append(1)
        return r.value("SELECT count(*) FROM tag")

    before = cached(viewer, ("tags",), tags, "tag")
    assert cached(viewer, ("tags",), tags, "tag") == before and len(asked) == 1
    with writer(SYSTEM) as tx:
        tx.insert("tag", name="Neu")
    assert cached(viewer, ("tags",), tags, "tag") == before + 1


@pytest.mark.parametrize(
    ("statement", "written"),
    [
        ("UPDATE staff_member SET role = role", {"staff_member"}),
        ("\n  insert into tag BY NAME SELECT 1", {"tag"}),
        ("DELETE FROM assignment WHERE TRUE; DELETE FROM staff_right", {EVERYTHING}),
        ("INSERT OR REPLACE INTO tag VALUES (1)", {EVERYTHING}),
        ("WITH gone AS (SELECT 1) DELETE FROM assignment", {EVERYTHING}),
        ("UPDATE kundenblick.data.staff_member SET role = role", {EVERYTHING}),
        ("CREATE OR REPLACE TEMP TABLE piece AS SELECT 1", set()),
    ],
)
def test_what_a_statement_writes_is_told_from_it_or_it_counts_as_everything(statement, written):
    assert written_by(statement) == written


def test_a_statement_nobody_can_read_makes_everything_be_read_again(firm):
    _, before = engine().kept.get("key", ["assignment"])
    with writer(SYSTEM) as tx:
        tx.execute("SELECT 1")
    _, after = engine().kept.get("key", ["assignment"])
    assert after != before


def test_a_write_that_concerns_one_answer_leaves_the_others(firm):
    asked = Counter()

    def answer(of: str) -> int:
        asked[of] += 1
        return asked[of]

    def look(of: str) -> int:
        found, turn = engine().kept.get((of,), ["session"])
        if not found:
            engine().kept.put((of,), answer(of), turn)
        return asked[of]

    look("mine"), look("theirs")
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE session SET last_used_at = last_used_at", only=("mine",))
    assert (look("mine"), look("theirs")) == (2, 1)


def test_an_answer_on_its_way_when_its_key_is_written_is_not_kept():
    answers = ReadCache()
    _, turn = answers.get("key", [])
    answers.wrote(["key"])
    answers.put("key", "old", turn)
    assert answers.get("key", [])[0] is None


def test_no_number_of_written_keys_makes_an_old_answer_good_again():
    answers = ReadCache()
    _, turn = answers.get("key", [])
    answers.wrote(["key"])
    answers.put("key", "old", turn)
    for number in range(ReadCache.MAX_ANSWERS):
        answers.wrote([number])
    assert answers.get("key", [])[0] is None


def test_what_is_taken_back_with_a_transaction_was_never_kept(firm):
    viewer = firm.viewer("owner")
    with pytest.raises(ZeroDivisionError), writer(SYSTEM) as tx:
        tx.update("account", firm.own, name="Ganz anders")
        account_head(viewer, firm.own)
        raise ZeroDivisionError
    assert account_head(viewer, firm.own)["name"] != "Ganz anders"


def test_an_assignment_taken_away_acts_on_the_next_look(firm):
    viewer = firm.viewer("assigned")
    open_account(viewer, firm.own)
    with writer(SYSTEM) as tx:
        tx.delete("assignment", {"account_id": firm.own, "staff_member_id": viewer.id})
    with pytest.raises(AccountNotFound):
        open_account(viewer, firm.own)


def test_a_right_taken_away_acts_on_the_next_look(firm):
    viewer = firm.viewer("everything")
    assert Right.SEE_INVOICES in rights_of(viewer)
    with writer(SYSTEM) as tx:
        tx.delete("staff_right", {"staff_member_id": viewer.id, "right_key": Right.SEE_INVOICES.value})
    assert Right.SEE_INVOICES not in rights_of(viewer)


def test_who_is_deactivated_is_shut_out_at_the_next_look(firm):
    viewer = firm.viewer("assigned")
    account_head(viewer, firm.own)
    with writer(SYSTEM) as tx:
        tx.update("staff_member", viewer.id, is_active=False)
    with pytest.raises(SignedOut):
        account_head(viewer, firm.own)


def test_what_one_viewer_was_told_is_not_told_another(firm):
    assert account_head(firm.viewer("owner"), firm.foreign) is not None
    assert account_head(firm.viewer("assigned"), firm.foreign) is None
    assert account_head(firm.viewer("portal"), firm.foreign) is None


def test_what_was_opened_is_shown_at_once_and_stands_in_the_file_a_moment_later(firm, settings):
    viewer = firm.viewer("owner")
    for account in ("own", "empty", "own"):
        remember_opened(firm.account(account))
    assert [match.account_id for match in recent(viewer)] == [firm.own, firm.empty]
    assert write_opened() == 2 and write_opened() == 0
    assert recorded(viewer) == [firm.own, firm.empty]
    close_store()
    open_installation(settings)
    assert [match.account_id for match in recent(viewer)] == [firm.own, firm.empty]


def test_what_cannot_be_written_now_is_written_the_next_time(firm, monkeypatch):
    remember_opened(firm.account("own"))

    def full(_: Viewer):
        raise StoreFull

    with monkeypatch.context() as disk:
        disk.setattr("core.clients.recent_accounts.writer", full)
        with pytest.raises(StoreFull):
            write_opened()
    remember_opened(firm.account("empty"))
    assert write_opened() == 2 and recorded(firm.viewer("owner")) == [firm.empty, firm.own]


def test_a_client_one_no_longer_sees_leaves_the_list_at_once(firm):
    viewer = firm.viewer("assigned")
    remember_opened(firm.account("own", "assigned"))
    assert [match.account_id for match in recent(viewer)] == [firm.own]
    with writer(SYSTEM) as tx:
        tx.delete("assignment", {"account_id": firm.own, "staff_member_id": viewer.id})
    assert recent(viewer) == []


def test_a_client_that_is_gone_before_it_was_written_is_not_remembered(firm):
    remember_opened(firm.account("empty"))
    with writer(SYSTEM) as tx:
        tx.delete("account", firm.empty)
    write_opened()
    assert recorded(firm.viewer("owner")) == [] == recent(firm.viewer("owner"))


def test_who_looks_as_somebody_else_leaves_no_trace(firm):
    viewer = Viewer.looking_as(firm.assigned, by=firm.owner)
    remember_opened(open_account(viewer, firm.own))
    assert write_opened() == 0 and recent(firm.viewer("assigned")) == []
