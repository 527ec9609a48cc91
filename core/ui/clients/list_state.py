"""What is wanted of Kunden, between the inputs and the address: each follows the other.

It stands in ``ui_state().accounts``, beside its inputs: those of a closed popover are not drawn, and what the browser still holds of
them must not come back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Literal

import streamlit as st

from core.activity.cohorts import NOBODY, Cohort, cohort_subset, cohorts, list_subset, may_use_list
from core.base.rights import Viewer
from core.clients.accounts import AccountQuery, Subset, choices, known_columns
from core.clients.list_address import AMONG, PAGE, Address, ListWish, Read, codes_of, from_address, to_address
from core.clients.list_columns import USUAL, USUAL_NARROW, ListColumn
from core.clients.list_conditions import Condition
from core.i18n import t
from core.ui.state.ui_state import ui_state

# The key of the input of the search text, which keeps it itself.
TEXT_KEY = "only-text"
# A run that was asked for before the browser had the address of the runs before names an older one; on a busy server it comes that late.
ON_ITS_WAY_S = 2.0


@dataclass(frozen=True)
class ListScene:
    """What the page draws from: the columns this viewer has, and the names of tags and members by id."""

    viewer: Viewer
    known: Mapping[str, ListColumn]
    tags: Mapping[int, str]
    members: Mapping[int, str]
    cohorts: Mapping[int, Cohort] = dataclass_field(default_factory=dict)

    def label(self, key: str) -> str:
        """Return what a column is called."""
        field = self.known[key].field
        return field.label if field else t(f"accounts.{key}")

    def codes(self, column: ListColumn) -> Sequence[str]:
        """Return the codes of a column that is chosen from."""
        return codes_of(column, self.tags, self.members)


def scene(viewer: Viewer) -> ListScene:
    """Read what the page draws from."""
    tags, members = choices(viewer)
    return ListScene(viewer, known_columns(viewer), tags, members, {one.cohort_id: one for one in cohorts(viewer)})


def read_address(drawn: ListScene, address: Mapping[str, Sequence[str]]) -> Read:
    """Return what an address, or a view, asks of this viewer's list."""
    codes = {key: drawn.codes(column) for key, column in drawn.known.items() if column.kind == "choice"}
    lists = [text for text in address.get(AMONG, ())[:1] if may_use_list(drawn.viewer, text)]
    return from_address(address, drawn.known, codes, drawn.cohorts, lists)


def present_wish() -> ListWish:
    """Return what is wanted now."""
    wanted = ui_state().accounts
    text = st.session_state.get(TEXT_KEY) or ""
    return ListWish(text, dict(wanted.conditions), wanted.sort, wanted.descending, wanted.columns, wanted.page, wanted.cohort, wanted.among)


@dataclass(frozen=True)
class PageAddress:
    """What a page keeps in the address, and under a name.

    Args:
        present: Returns the address as it is wanted now.
        follow: Wants what an address asks for; returns the sentence that says what could not be followed, '' when all of it was.
        view: Returns what a saved view of the page keeps.
        of: Which page, as keys of inputs and words name it.
    """

    present: Callable[[], Address]
    follow: Callable[[ListScene, Address], str]
    view: Callable[[], Address]
    of: Literal["accounts", "activity"]


def _follow(drawn: ListScene, given: Address) -> str:
    read = read_address(drawn, given)
    want(read.wish)
    return dropped_words(drawn, read)


def _view() -> Address:
    return {name: values for name, values in to_address(present_wish()).items() if name != PAGE}


OF_LIST = PageAddress(lambda: to_address(present_wish()), _follow, _view, "accounts")


def take_address(drawn: ListScene, page: PageAddress = OF_LIST) -> None:
    """Follow the address where it changed: a link, *back*, F5; where an input changed something, the address follows instead."""
    wanted = ui_state().accounts
    given: Address = {name: st.query_params.get_all(name) for name in st.query_params if name != "account"}
    own = page.present()
    if wanted.address is None and not given:
        return
    if wanted.address is not None and (own != wanted.address or given == wanted.address):
        return
    wanted.replaced = [(at, one) for at, one in wanted.replaced if time.monotonic() - at < ON_ITS_WAY_S]
    if wanted.address is not None and any(given == one for _, one in wanted.replaced):
        return
    if given != own:
        wanted.dropped = page.follow(drawn, given)
        wanted.address = given


def dropped_words(drawn: ListScene, read: Read) -> str:
    """Return the sentence that says what of an address could not be followed; '' when all of it was."""
    parts = [t("accounts.dropped_wrong", columns=", ".join(drawn.label(key) for key in read.wrong))] if read.wrong else []
    if read.gone:
        parts.append(t("accounts.dropped_gone", n=read.gone))
    return " ".join(parts)


def write_address(page: PageAddress = OF_LIST) -> None:
    """Put what is wanted into the address, where it is not there already."""
    wanted = ui_state().accounts
    address = page.present()
    given: Address = {name: st.query_params.get_all(name) for name in st.query_params if name != "account"}
    if address != given:
        st.query_params.from_dict(address)
        wanted.replaced.append((time.monotonic(), given))
    wanted.address = address


def want(wish: ListWish) -> None:
    """Set everything that is wanted, and have the inputs drawn anew."""
    wanted = ui_state().accounts
    st.session_state[TEXT_KEY] = wish.text
    wanted.conditions = dict(wish.conditions)
    wanted.sort, wanted.descending, wanted.columns = wish.sort, wish.descending, wish.columns
    wanted.page = wanted.page_asked = wish.page
    wanted.cohort, wanted.among = wish.cohort, wish.among
    wanted.problem, wanted.edited = None, None
    wanted.key_epoch += 1


def want_condition(key: str, condition: Condition | None, *, anew: bool = True) -> None:
    """Want a condition over a column, or none; ``anew`` has the inputs drawn anew."""
    wanted = ui_state().accounts
    wanted.conditions = {name: one for name, one in wanted.conditions.items() if name != key or condition is not None}
    if condition is not None:
        wanted.conditions[key] = condition
    wanted.page = wanted.page_asked = 1
    wanted.key_epoch += anew


def want_cohort(cohort: int | None, among: str = "", *, anew: bool = True) -> None:
    """Want the clients of a cohort, or of a list of *Auswertung*, or any."""
    wanted = ui_state().accounts
    wanted.cohort, wanted.among = cohort, among
    wanted.page = wanted.page_asked = 1
    wanted.key_epoch += anew


def want_order(key: str, descending: bool) -> None:
    """Want the list sorted by a column."""
    wanted = ui_state().accounts
    wanted.sort, wanted.descending = key, descending
    wanted.key_epoch += 1


def usual_columns() -> tuple[str, ...]:
    """Return the keys of the columns of who has chosen none: fewer where the window is as narrow as a phone's."""
    return USUAL_NARROW if ui_state().is_narrow else USUAL


def shown_columns(drawn: ListScene) -> tuple[str, ...]:
    """Return the keys of the columns to draw, in the list's order; the name always."""
    chosen = ui_state().accounts.columns or usual_columns()
    return tuple(key for key in drawn.known if key in chosen or key == "name")


def exported_columns(drawn: ListScene) -> tuple[str, ...]:
    """Return the keys of the columns of an export: those that were chosen, else those of a desk, however narrow the window is."""
    chosen = ui_state().accounts.columns or USUAL
    return tuple(key for key in drawn.known if key in chosen or key == "name")


def query_of(drawn: ListScene, wish: ListWish) -> AccountQuery:
    """Return the question for the page of the list."""
    sort = wish.sort if wish.sort in drawn.known else "name"
    conditions = tuple(one for key, one in wish.conditions.items() if key in drawn.known)
    return AccountQuery(wish.text, conditions, sort, wish.descending, shown_columns(drawn), True, subsets_of(drawn, wish))


def subsets_of(drawn: ListScene, wish: ListWish) -> tuple[Subset, ...]:
    """Return the clients of the cohort and of the list of *Auswertung* that are wanted; nobody for one that is not there any more."""
    subsets = []
    if wish.cohort:
        cohort = drawn.cohorts.get(wish.cohort)
        subsets.append(cohort_subset(drawn.viewer, cohort) if cohort else NOBODY)
    if wish.among:
        subsets.append(list_subset(drawn.viewer, wish.among, "among") or NOBODY)
    return tuple(subsets)
