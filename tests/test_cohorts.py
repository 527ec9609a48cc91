"""Cohorts: kept, shared, and as if they were not there for who may not know who is in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.activity.cohorts import (
    Cohort,
    cohort_subset,
    cohorts,
    forget_cohort,
    keep_cohort,
    list_definition,
    list_subset,
    may_use_list,
    needs_of,
)
from core.activity.picks import timed_pick_of
from core.base.errors import NotAllowed, NotFound, ValidationFailed
from core.base.rights import Right, Viewer
from core.clients.account_record import delete_account
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.list_conditions import Condition
from core.documents.documents import mark_seen
from core.i18n.formats import today
from core.identity.members import set_rights
from core.store import reader

SYSTEM = Viewer.system("tests")


def members(viewer: Viewer, cohort_id: int) -> set[int]:
    with reader(viewer) as r:
        return {row["account_id"] for row in r.rows("SELECT account_id FROM cohort_account WHERE cohort_id = $id", id=cohort_id)}


def test_a_cohort_is_shared_with_who_may_know_it_and_names_no_client_one_does_not_see(firm):
    owner, colleague = firm.viewer("owner"), firm.viewer("assigned")
    kept = keep_cohort(owner, " Große  Schuldner ", [firm.own, firm.foreign, 987654], {Right.SEE_INVOICES}, True)
    (own,) = cohorts(owner)
    assert (own.cohort_id, own.name, own.kind, own.mine, own.clients) == (kept, "Große Schuldner", "query", True, 2)
    assert cohorts(colleague) == [] and members(colleague, kept) == set(), "without the right to see invoices"
    set_rights(SYSTEM, firm.assigned, {"see_invoices"})
    (shared,) = cohorts(colleague)
    assert (shared.mine, shared.by, shared.clients, members(colleague, kept)) == (False, "Olga Owner", 1, {firm.own})
    assert keep_cohort(owner, "Große Schuldner", [firm.empty], ()) == kept, "the same name is the same cohort"
    assert cohorts(colleague) == [] and members(owner, kept) == {firm.empty}, "no longer shared"
    delete_account(firm.account("empty"), "Leer AG")
    assert members(owner, kept) == set()
    forget_cohort(owner, kept)
    assert cohorts(owner) == []


def test_a_cohort_is_kept_by_analysts_who_have_the_rights_it_needs(firm):
    colleague = firm.viewer("assigned")
    with pytest.raises(NotAllowed):
        keep_cohort(colleague, "Still", [firm.own], ())
    set_rights(SYSTEM, firm.assigned, {"analyse"})
    kept = keep_cohort(colleague, "Still", [firm.own, firm.foreign], (), True)
    assert members(firm.viewer("owner"), kept) == {firm.own}, "nobody keeps a client they do not see"
    with pytest.raises(NotAllowed):
        keep_cohort(colleague, "Schuldner", [firm.own], {Right.SEE_INVOICES})
    with pytest.raises(ValidationFailed):
        keep_cohort(colleague, " ", [firm.own], ())
    with pytest.raises(NotFound):
        forget_cohort(firm.viewer("owner"), kept)
    with pytest.raises(NotAllowed):
        keep_cohort(firm.viewer("portal"), "x", [], ())


def clients(viewer: Viewer, cohort: Cohort) -> set[int]:
    return {row["account_id"] for row in list_accounts(viewer, AccountQuery(subsets=(cohort_subset(viewer, cohort),))).rows}


def test_a_cohort_of_a_list_is_current_and_as_each_may_see_it(firm):
    owner, colleague = firm.viewer("owner"), firm.viewer("assigned")
    late = timed_pick_of("ages.-.overdue", today())
    wish = {"q": ["müller"], "net_due": ["more:1"]}
    definition = list_definition(late, wish)
    needs = needs_of(owner, late, AccountQuery(conditions=(Condition("net_due", "more", ("1",)),)))
    keep_cohort(owner, "Säumig", (), needs, True, kind="measure", definition=definition)
    keep_cohort(
        owner, "Mit Dokumenten", (), (), True, kind="measure", definition=list_definition(timed_pick_of("turn.us.document", today()), {})
    )
    keep_cohort(owner, "Zwei", [firm.own, firm.empty], (), True)
    named = {one.name: one for one in cohorts(owner)}
    assert clients(owner, named["Säumig"]) == {firm.own} and needs == {Right.SEE_INVOICES}
    assert clients(owner, named["Mit Dokumenten"]) == {firm.own, firm.foreign}
    assert clients(owner, named["Zwei"]) == {firm.own, firm.empty}
    shared = {one.name: one for one in cohorts(colleague)}
    assert set(shared) == {"Mit Dokumenten", "Zwei"}, "who may not see invoices is not offered who owes"
    assert clients(colleague, shared["Mit Dokumenten"]) == clients(colleague, shared["Zwei"]) == {firm.own}
    mark_seen(firm.account(), firm.document)
    assert clients(owner, named["Mit Dokumenten"]) == {firm.foreign}, "it is evaluated anew"
    assert clients(colleague, replace(named["Säumig"])) == set(), "not even by one who holds it"
    for broken in ("", "{}", '{"list": "nothing", "wish": {}}', '{"list": "turn", "wish": 7}', '{"list": "turn", "wish": {"q": 7}}'):
        assert clients(owner, replace(named["Säumig"], definition=broken)) == set(), broken


def test_a_list_of_the_address_is_for_analysts(firm):
    assert may_use_list(firm.viewer("owner"), "ages.older") and not may_use_list(firm.viewer("owner"), "ages.oldest")
    assert list_subset(firm.viewer("assigned"), "turn.us", "among") is None
    set_rights(SYSTEM, firm.assigned, {"analyse"})
    assert may_use_list(firm.viewer("assigned"), "turn.us") and not may_use_list(firm.viewer("assigned"), "ages.older")
    subset = list_subset(firm.viewer("assigned"), "turn.us.document", "among")
    assert [row["account_id"] for row in list_accounts(firm.viewer("assigned"), AccountQuery(subsets=(subset,))).rows] == [firm.own]
