"""Cohorts: kept, shared, and as if they were not there for who may not know who is in them."""

from __future__ import annotations

import pytest

from core.activity.cohorts import cohorts, forget_cohort, keep_cohort
from core.base.errors import NotAllowed, NotFound, ValidationFailed
from core.base.rights import Right, Viewer
from core.clients.account_record import delete_account
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
