"""Cohorts: sets of clients under a name, one's own or shared, that filter *Kunden* and *Auswertung*.

A cohort of kind ``measure`` is a list of *Auswertung*, evaluated at each use with the eyes of who uses it; of kind ``query`` it is the
clients as they were found. Whoever lacks a right that its definition needs does not have it: the store's view leaves it out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.access.verbs import rights_of, verb
from core.activity.own_queries import NEEDS
from core.activity.picks import TimedPick, period_of, timed_pick_of, weeks_of
from core.activity.reading import Wanted, subset_of
from core.base.errors import BadDeclaration, NotFound, ValidationFailed
from core.base.rights import Right, Viewer
from core.base.text_folding import normalise
from core.clients.accounts import AccountQuery, Subset, choices, known_columns
from core.clients.list_address import Address, clean_definition, codes_of, from_address
from core.i18n.formats import today
from core.store import Row, Tx, now, reader, seen_of, sql

Kind = Literal["measure", "query"]
# The rights that hide rows or amounts, and so may be needed to know who is in a cohort.
NEEDABLE = frozenset({Right.SEE_INVOICES, Right.SEE_ALL_TIME, Right.SEE_RATES, Right.VIEW_AUDIT})
MAX_NAME_CHARS = 80


@dataclass(frozen=True)
class Cohort:
    """A cohort the viewer may use.

    ``mine`` says whether it is the viewer's, who alone may change it, ``by`` names its owner. ``found_at`` is when the clients of kind
    ``query`` were found, ``clients`` how many of them the viewer sees; both are None of kind ``measure``. ``needs`` are the rights without
    which it is not there.
    """

    cohort_id: int
    name: str
    kind: Kind
    definition: str
    shared: bool
    mine: bool
    by: str
    found_at: datetime | None
    clients: int | None
    needs: frozenset[Right] = frozenset()


# No clients.
NOBODY = Subset("SELECT none.account_id FROM account none WHERE none.account_id < 0")


def cohorts(viewer: Viewer) -> list[Cohort]:
    """Return the cohorts the viewer may use: their own by name, then those that others share."""
    with reader(viewer) as r:
        return [_cohort(row, viewer) for row in r.rows(sql("cohorts"))]


def _cohort(row: Row, viewer: Viewer) -> Cohort:
    kept = row["kind"] == "query"
    return Cohort(
        row["cohort_id"], row["name"], row["kind"], row["definition"], row["is_shared"], row["staff_member_id"] == viewer.id,
        row["by_name"] or "", row["found_at"], row["clients"] if kept else None,
        frozenset(Right(right) for right in row["needed_rights"].split(",") if right),
    )  # fmt: skip


@verb("cohort.keep")
def keep_cohort(
    tx: Tx,
    viewer: Viewer,
    name: str,
    account_ids: Collection[int],
    needs: Iterable[Right],
    shared: bool = False,
    *,
    kind: Kind = "query",
    definition: str = "",
) -> int:
    """Keep a cohort under a name, replacing the viewer's own of that name; returns its id.

    Args:
        tx: The transaction of the verb.
        viewer: Who keeps it.
        name: 1 to 80 characters.
        account_ids: The clients of kind ``query``; those the viewer does not see are left out.
        needs: The rights without which one could not know who is in it; of ``NEEDABLE``.
        shared: Whether colleagues with these rights may use it.
        kind: ``measure`` evaluates ``definition`` at each use, and keeps no clients.
        definition: The list of *Auswertung*, or the SQL that found the clients.

    Raises NotAllowed without the right *analyse* or one that the cohort needs, ValidationFailed for the name.
    """
    tx.require(Right.ANALYSE)
    needed = frozenset(needs)
    if needed - NEEDABLE:
        raise BadDeclaration(f"no right that a cohort may need: {', '.join(sorted(needed - NEEDABLE))}")
    for right in needed:
        tx.require(right)
    name = normalise(name)
    if not 1 <= len(name) <= MAX_NAME_CHARS:
        raise ValidationFailed({"name": ("view_name_length", {})})
    values = {
        "is_shared": bool(shared), "kind": kind, "definition": definition, "needed_rights": ",".join(sorted(needed)),
        "found_at": now() if kind == "query" else None,
    }  # fmt: skip
    cohort_id = tx.value("SELECT cohort_id FROM cohort WHERE staff_member_id = $member AND name = $name", member=viewer.own_id, name=name)
    if cohort_id is None:
        cohort_id = tx.insert("cohort", staff_member_id=viewer.own_id, name=name, created_at=now(), **values)
    else:
        tx.update("cohort", cohort_id, **values)
        tx.execute("DELETE FROM cohort_account WHERE cohort_id = $id", {"id": cohort_id})
    if kind == "query":
        kept = sorted(seen_of(tx, list(account_ids)))
        tx.insert_many("cohort_account", ("cohort_id", "account_id"), [(cohort_id, account_id) for account_id in kept])
    return int(cohort_id)


@verb("cohort.forget")
def forget_cohort(tx: Tx, viewer: Viewer, cohort_id: int) -> None:
    """Delete one of the viewer's own cohorts. Raises NotFound for a missing one and for another person's."""
    row = tx.get("cohort", cohort_id)
    if row is None or row["staff_member_id"] != viewer.own_id:
        raise NotFound()
    tx.execute("DELETE FROM cohort_account WHERE cohort_id = $id", {"id": cohort_id})
    tx.delete("cohort", cohort_id)


def may_use_list(viewer: Viewer, text: str) -> bool:
    """Return whether this names a list of *Auswertung* that the viewer may see."""
    found = timed_pick_of(text, today())
    return found is not None and {Right.ANALYSE, *([found.pick.of.right] if found.pick.of.right else [])} <= rights_of(viewer)


def list_subset(viewer: Viewer, text: str, name: str, query: AccountQuery | None = None) -> Subset | None:
    """Return the clients of a list of *Auswertung*, of those that ``query`` wants, None where the viewer may not see it."""
    return _subset(viewer, text, name, query) if may_use_list(viewer, text) else None


def _subset(viewer: Viewer, text: str, name: str, query: AccountQuery | None) -> Subset | None:
    found = timed_pick_of(text, today())
    if found is None or (found.pick.of.right is not None and found.pick.of.right not in rights_of(viewer)):
        return None
    return subset_of(viewer, found.pick, Wanted(query or AccountQuery(), weeks_of(found.pick, period_of(found.period, today()))), name)


def list_definition(found: TimedPick, wish: Address) -> str:
    """Return what a cohort of kind ``measure`` keeps: a list of *Auswertung*, and the wish that its clients met."""
    return json.dumps({"list": found.text(), "wish": wish}, ensure_ascii=False)


def needs_of(
    viewer: Viewer, found: TimedPick | None, query: AccountQuery, cohort: Cohort | None = None, *, is_kept: bool = True
) -> frozenset[Right]:  # fmt: skip
    """Return the rights without which one could not know who is in a list of *Auswertung* (or in *Kunden*: None) that was filtered so.

    What the viewer has no right to is not in the list, so that nobody needs that right either. A list that is kept as clients
    (``is_kept``) tells of every table it was read from; one that is evaluated anew leaves out by itself what a colleague may not see.
    """
    of_list = frozenset[Right]()
    if found:
        of_list = found.pick.of.needs.union(*(NEEDS.get(table, frozenset()) for table in found.pick.of.tables if is_kept))
    known = known_columns(viewer)
    asked = {right for condition in query.conditions if condition.column in known for right in known[condition.column].rights}
    return (of_list | asked | (cohort.needs if cohort else frozenset())) & NEEDABLE & rights_of(viewer)


def cohort_subset(viewer: Viewer, cohort: Cohort) -> Subset:
    """Return the clients of a cohort that the viewer may use; of kind ``measure`` as they are now. No clients where it cannot be read."""
    name = f"cohort_{cohort.cohort_id}"
    if cohort.kind == "query":
        return Subset(f"SELECT kept.account_id FROM cohort_account kept WHERE kept.cohort_id = ${name}", ((name, cohort.cohort_id),))
    try:
        kept = json.loads(cohort.definition)
        text, wish = str(kept["list"]), clean_definition(kept["wish"])
    except (ValueError, KeyError, TypeError):
        return NOBODY
    if not isinstance(kept["wish"], dict) or wish.keys() != kept["wish"].keys():
        return NOBODY  # of another shape: the same holds
    tags, members = choices(viewer)
    known = known_columns(viewer)
    codes = {key: codes_of(column, tags, members) for key, column in known.items() if column.kind == "choice"}
    found = from_address(wish, known, codes)
    if found.gone or found.wrong:
        return NOBODY  # without the condition that is gone it would be more clients than were meant
    read = found.wish
    return _subset(viewer, text, name, AccountQuery(read.text, tuple(read.conditions.values()))) or NOBODY
