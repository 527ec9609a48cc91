"""What is kept of people's own queries: the copies they read, the queries under a name, and the clients of an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.activity.answer_clients import clients_of, names_clients, needs_of
from core.activity.own_queries import parameters_in, run_query
from core.activity.saved_queries import delete_query, save_query, saved_queries
from core.activity.scope_copies import copies, key_of
from core.activity.worked_questions import QUESTIONS, questions_for
from core.base.child_fences import landlock_version
from core.base.errors import NotAllowed, NotFound, ValidationFailed
from core.base.rights import Right, Viewer
from core.operations import commands
from core.operations.backup.archive import reading
from core.operations.backup.make import make_backup
from core.operations.sweep_interrupted import sweep_leftovers
from core.store import writer
from core.store.query_worker import FILE
from tests.test_own_queries import FEW, few, patience  # noqa: F401 - the fixture is used by itself

SYSTEM = Viewer.system("tests")


def test_a_copy_is_shared_renewed_and_goes(firm, settings, monkeypatch):
    owner, colleague = firm.viewer("owner"), firm.viewer("everything")

    def folder(viewer: Viewer, **how: bool) -> Path:
        with copies().lend(viewer, **how) as (copy, _):
            return copy.folder

    first = folder(owner)
    assert folder(colleague) == first == folder(owner, renew=True), "nothing was committed: it is of this moment"
    with writer(SYSTEM) as tx:
        tx.update("account", firm.own, name="Anders")
    assert folder(owner) == first, "it may be an hour old"
    with copies().lend(colleague) as (held, _):
        assert folder(owner, renew=True) != first
        assert (held.folder / FILE).exists(), "who reads it still reads it"
    assert not first.exists()
    slow = folder(owner)
    copies()._by_key[key_of(owner)].took_s = 60.0
    with writer(SYSTEM) as tx:
        tx.update("account", firm.own, name="Noch anders")
    assert folder(owner, renew=True) == slow, "who asks all the time keeps nobody from working"
    archive, _ = make_backup(settings)
    with reading(archive, None) as inside:
        assert not [member.name for member in inside.rest() if "scope" in member.name]
    second = folder(owner)
    copies().drop(0)
    assert not second.exists()
    left = folder(owner)
    sweep_leftovers(settings, print)
    assert not left.exists()


def test_the_clients_of_an_answer_need_what_their_author_had_and_no_more(firm):
    """Whoever may not see invoices must not learn who owes from a cohort that was shared; what an author could not see tells nothing."""
    owner = firm.viewer("owner")
    owed = run_query(owner, "SELECT account.number, sum(total) FROM invoice JOIN account USING (account_id) GROUP BY ALL")
    assert clients_of(owner, owed) == [firm.own] and needs_of(owner, owed) == {Right.SEE_INVOICES}
    hidden = run_query(owner, "WITH d AS (SELECT account_id FROM Time_Entry) SELECT account_id FROM account WHERE account_id IN (FROM d)")
    assert clients_of(owner, hidden) == [firm.own] and needs_of(owner, hidden) == {Right.SEE_ALL_TIME, Right.SEE_RATES}
    viewer = few(firm)
    own = run_query(
        viewer, "SELECT account_id, 1 AS x FROM account UNION ALL SELECT 987654321, 2 UNION ALL SELECT account_id, 3 FROM invoice"
    )
    assert clients_of(viewer, own) == [firm.own] and needs_of(viewer, own) == frozenset()
    assert not names_clients(run_query(viewer, "SELECT name FROM account"))


def test_the_questions_to_begin_with_run_and_draw_what_they_name(firm):
    for one in QUESTIONS:
        answer = run_query(firm.viewer("owner"), one.text, one.parameters)
        names = {name for name, _ in answer.columns}
        assert not answer.cut and {one.chart.get(part) for part in ("x", "y", "by")} - {None} <= names, one.key
        assert parameters_in(one.text) == list(one.parameters)
    assert [one.key for one in questions_for(FEW)] == ["uploads", "tasks", "nothing_sent"]
    assert next(one.key for one in questions_for(set(Right))) == "owed"


def test_queries_are_kept_under_a_name(firm):
    owner, colleague = firm.viewer("owner"), firm.viewer("everything")
    one = save_query(owner, name=" Offene  Posten ", text="FROM invoice", chart={"kind": "bars", "x": "number", "wild": "1"})
    assert saved_queries(colleague) == []
    assert save_query(owner, name="Offene Posten", text="FROM invoice", chart={"kind": "pie"}, shared=True) == one
    [seen] = saved_queries(colleague)
    assert (seen.name, seen.by, seen.mine, seen.chart) == ("Offene Posten", "Olga Owner", False, {"kind": "none"})
    with pytest.raises(NotFound):
        delete_query(colleague, one)
    with pytest.raises(NotAllowed):
        saved_queries(firm.viewer("assigned"))
    for values in ({"name": "", "text": "x"}, {"name": "x", "text": " "}, {"name": "x", "text": "x" * 20_001}):
        with pytest.raises(ValidationFailed):
            save_query(owner, **values)
    delete_query(owner, one)
    assert saved_queries(owner) == []


def test_the_doctor_says_when_the_kernel_lacks_the_last_fence(firm, settings, monkeypatch):
    said: list[str] = []
    commands.examine(settings, said.append)
    assert bool(landlock_version()) == (not [line for line in said if "Landlock" in line])
    monkeypatch.setattr(commands, "landlock_version", lambda: 0)
    said.clear()
    commands.examine(settings, said.append)
    assert "Landlock" in said[0]
