"""What *Auswertung* draws from: who looks, which clients and time are wanted, and the address that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.access.verbs import rights_of
from core.activity.cohorts import Cohort, list_definition, needs_of
from core.activity.measures import MEASURES
from core.activity.picks import USUAL_PERIOD, Period, Pick, TimedPick, period_of, pick_of, weeks_of
from core.activity.reading import Wanted, read_figures
from core.base.rights import Right, Viewer
from core.clients.accounts import AccountQuery
from core.clients.list_address import AMONG, COHORT, OWN, PAGE, PERIOD, SHOWN, SORT, TEXT, Address, ListWish, to_address
from core.clients.list_columns import COLUMNS
from core.i18n import t
from core.i18n.formats import today
from core.store import Row
from core.ui.activity.words import Names, names_of
from core.ui.clients.list_state import ListScene, PageAddress, dropped_words, present_wish, read_address, subsets_of, want
from core.ui.state.ui_state import ui_state

# The part of the address that is this page's alone.
LIST = "list"


@dataclass(frozen=True)
class ActivityScene:
    """What the page draws from."""

    list_scene: ListScene
    wanted: Wanted
    rights: frozenset[Right]
    names: Names

    @property
    def viewer(self) -> Viewer:
        """Return who looks."""
        return self.list_scene.viewer

    def may(self, key: str) -> bool:
        """Return whether the viewer has a measure."""
        right = MEASURES[key].right
        return right is None or right in self.rights

    def figures(self, key: str, by: Sequence[str] | None = None, period: Period | None = None) -> list[Row]:
        """Return the figures of a measure, of the wanted time or of another."""
        wanted = replace(self.wanted, period=period) if period else self.wanted
        return read_figures(self.viewer, MEASURES[key], wanted, by)

    def definition(self, pick: Pick) -> str:
        """Return what a cohort keeps of a list."""
        return list_definition(TimedPick(pick, ui_state().activity.period), filter_address())

    def needs(self, pick: Pick) -> frozenset[Right]:
        """Return the rights a cohort of a list needs."""
        return needs_of(
            self.viewer, TimedPick(pick, ui_state().activity.period), self.wanted.query, self.cohort, is_kept=self.cohort is not None
        )

    @property
    def cohort(self) -> Cohort | None:
        """Return the cohort whose clients are wanted."""
        return self.list_scene.cohorts.get(ui_state().accounts.cohort or 0)

    def wanted_of(self, pick: Pick) -> Wanted:
        """Return which clients and time a list is of: a week of *Was geschieht* is the whole week."""
        return replace(self.wanted, period=weeks_of(pick, self.wanted.period))


def activity_scene(drawn: ListScene) -> ActivityScene:
    """Read what the page draws from, of what is wanted now."""
    wish = present_wish()
    conditions = tuple(one for key, one in wish.conditions.items() if key in drawn.known)
    query = AccountQuery(wish.text, conditions, subsets=subsets_of(drawn, replace(wish, among="")))
    return ActivityScene(drawn, Wanted(query, present_period()), rights_of(drawn.viewer), names_of(drawn))


def present_period() -> Period:
    """Return the time that is looked at."""
    return period_of(ui_state().activity.period, today()) or period_of(USUAL_PERIOD, today())  # type: ignore[return-value]


def filter_address() -> Address:
    """Return the filters that are wanted as an address, without what is *Kunden*'s alone."""
    wish = present_wish()
    return to_address(ListWish(wish.text, wish.conditions, cohort=wish.cohort))


def _present() -> Address:
    state = ui_state().activity
    address = filter_address()
    if state.period != USUAL_PERIOD:
        address[PERIOD] = [state.period]
    if state.pick:
        address[LIST] = [state.pick]
    return address


def _view() -> Address:
    """Return what a saved view keeps: the filters and the time, not the list that is open."""
    return filter_address() | {PERIOD: [ui_state().activity.period]}


def usable_pick(text: str, rights: frozenset[Right], names: Names) -> Pick | None:
    """Return the list that an address names, None where it names none that there is for this viewer."""
    found = pick_of(text)
    if found is None or (found.of.right is not None and found.of.right not in rights):
        return None
    known: Mapping[str, Mapping[str, str]] = {"member": {"0": "", **names.members}, "pipeline": names.pipelines}
    for dimension, value in zip(found.of.dimensions, found.values, strict=True):
        if value is not None and dimension.key in known and value not in known[dimension.key]:
            return None
    return found


def _follow(drawn: ListScene, given: Address) -> str:
    """Want what an address asks for; the order, columns and list of *Kunden* stay as they are."""
    state, present = ui_state().activity, present_wish()
    own = {name: values for name, values in given.items() if name not in (PERIOD, LIST)}
    read = read_address(drawn, {name: values for name, values in own.items() if name != AMONG})
    want(replace(read.wish, sort=present.sort, descending=present.descending, columns=present.columns))
    parts = [dropped_words(drawn, read)]
    period = (given.get(PERIOD) or [USUAL_PERIOD])[0]
    if period_of(period, today()) is None:
        parts.append(t("activity.dropped_period", days=USUAL_PERIOD))
        period = USUAL_PERIOD
    state.period = period
    asked = (given.get(LIST) or [""])[0]
    state.pick = asked
    state.key_epoch += 1
    if not all(map(_is_filter, own)):
        parts.append(t("activity.dropped_part"))
    return " ".join(part for part in parts if part)


def _is_filter(name: str) -> bool:
    return name in (TEXT, COHORT, SORT, SHOWN, PAGE) or name in COLUMNS or name.startswith(OWN)


def list_pick(found: ActivityScene) -> Pick | None:
    """Return the list that is open, None when there is none; one that the viewer does not have is forgotten, and said once."""
    state = ui_state().activity
    if not state.pick:
        return None
    pick = usable_pick(state.pick, found.rights, found.names)
    if pick is None:
        state.pick = ""
        ui_state().accounts.dropped = " ".join((ui_state().accounts.dropped, t("activity.dropped_list"))).strip()
    return pick


OF_ACTIVITY = PageAddress(_present, _follow, _view, "activity")
