"""Step from client to client in the order and with the filters of the list one came from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.base.rights import Viewer
from core.clients.accounts import AccountQuery, list_accounts
from core.store import reader, seen_of
from core.ui.parts.pagination import PAGE_ROWS
from core.ui.state.ui_state import ui_state


@dataclass(frozen=True, slots=True)
class ShownList:
    """A run of rows of the list of clients as it was drawn: their ids, how many come before them, and how many there are in all."""

    query: AccountQuery
    ids: tuple[int, ...]
    offset: int
    total: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The place of a client in the list, from 1 on, how many the list has, and the ids of the clients before and after it."""

    place: int
    total: int
    before: int | None
    after: int | None


def remember_list(query: AccountQuery, ids: tuple[int, ...], offset: int, total: int) -> None:
    """Keep the page of Kunden that is drawn as the list to step through."""
    ui_state().shown_list = ShownList(replace(query, columns=("name",), sums=False), ids, offset, total)


def list_neighbours(viewer: Viewer, account_id: int) -> Neighbours | None:
    """Return where a client stands in the list one came from; None for one that was opened otherwise.

    The list goes on by the client: what changed in it since does not move the place, and clients that are gone, or no longer to be seen,
    are passed over. At the end of what was shown the rows that follow are read.
    """
    shown = ui_state().shown_list
    if shown is None or account_id not in shown.ids:
        return None
    if account_id == shown.ids[-1] and shown.offset + len(shown.ids) < shown.total:
        shown = _longer(viewer, shown, after=True)
    if account_id == shown.ids[0] and shown.offset:
        shown = _longer(viewer, shown, after=False)
    ui_state().shown_list = shown
    place = shown.ids.index(account_id)
    with reader(viewer) as r:
        seen = seen_of(r, shown.ids)
    before = next((one for one in reversed(shown.ids[:place]) if one in seen), None)
    after = next((one for one in shown.ids[place + 1 :] if one in seen), None)
    return Neighbours(shown.offset + place + 1, shown.total, before, after)


def _longer(viewer: Viewer, shown: ShownList, *, after: bool) -> ShownList:
    """Return the list with the page that comes after what was shown, or before it."""
    start = shown.offset + len(shown.ids) if after else max(0, shown.offset - PAGE_ROWS)
    page = list_accounts(viewer, shown.query, start, PAGE_ROWS if after else shown.offset - start)
    more = tuple(row["account_id"] for row in page.rows if row["account_id"] not in shown.ids)
    return replace(shown, ids=(*shown.ids, *more) if after else (*more, *shown.ids), offset=shown.offset - (0 if after else len(more)))
