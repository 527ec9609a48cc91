"""What the figures and lists of *Auswertung* are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date, format_skeleton

from core.access.verbs import rights_of
from core.activity.picks import Pick, TimedPick, period_of
from core.base.rights import Right
from core.i18n import t
from core.i18n.formats import day, locale, today
from core.store import cached
from core.ui.clients.list_state import ListScene


@dataclass(frozen=True)
class Names:
    """The names of members and pipelines by id as the queries write it; member ``0`` is nobody.

    ``has_own_time`` says that the viewer sees no time but their own.
    """

    members: Mapping[str, str]
    pipelines: Mapping[str, str]
    has_own_time: bool = False


def names_of(drawn: ListScene) -> Names:
    """Return the names of the firm's members and pipelines."""
    asked = "SELECT pipeline_id, name FROM pipeline"
    pipelines = cached(drawn.viewer, ("pipelines",), lambda r: {str(row["pipeline_id"]): row["name"] for row in r.rows(asked)}, "pipeline")
    return Names(
        {str(number): name for number, name in drawn.members.items()}, pipelines, Right.SEE_ALL_TIME not in rights_of(drawn.viewer)
    )


def code_words(dimension: str, code: str, names: Names) -> str:
    """Return what a value of a dimension is called."""
    if dimension == "member":
        return t("activity.nobody") if code == "0" else names.members.get(code, "?")
    if dimension == "pipeline":
        return names.pipelines.get(code, "?")
    if dimension == "week":
        return t("activity.week_of", day=day(_day(code)))
    return t(f"activity.{dimension}.{code}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def short_week(text: str) -> str:
    """Return the Monday of a week as an axis writes it: 31.08. or 31 Aug."""
    found = _day(text)
    return "" if found is None else (f"{found:%d.%m.}" if locale().language == "de" else format_date(found, "d MMM", locale()))


def month_of(text: str) -> str:
    """Return the month and year of a day: Aug 2026."""
    found = _day(text)
    return "" if found is None else format_skeleton("yMMM", found, locale=locale())


def pick_words(pick: Pick, names: Names) -> str:
    """Return what a list is called: *Wer ist am Zug: wir · Dokument*."""
    dimensions = zip(pick.of.dimensions, pick.values, strict=True)
    parts = [code_words(dimension.key, value, names) for dimension, value in dimensions if value is not None]
    title = t(f"activity.measure.{pick.measure}{'_own' if pick.measure == 'unbilled' and names.has_own_time else ''}")
    return f"{title}: {' · '.join(parts)}" if parts else title


def period_words(text: str) -> str:
    """Return what a time is called: *90 Tage*, or its two days."""
    if "_" not in text:
        return t(f"activity.period.{text}")
    period = period_of(text, today())
    return "" if period is None else f"{day(period.first)} – {day(period.last)}"


def timed_words(found: TimedPick, names: Names) -> str:
    """Return what a list with its time is called."""
    words = pick_words(found.pick, names)
    return f"{words} ({period_words(found.period)})" if found.period else words
