"""When the firm is open: hours for each day of the week, and the Land whose public holidays it keeps; every office time counts by them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.access.firm_lead import led_firm
from core.access.verbs import verb
from core.base.errors import Problem, ValidationFailed
from core.base.rights import Viewer
from core.store import Reader, Tx

# Minutes from midnight at which the firm opens and shuts, Monday first; None on days it is shut.
Hours = tuple[tuple[int, int] | None, ...]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
USUAL_HOURS: Hours = (*[(8 * 60, 17 * 60)] * 5, None, None)
# The Länder by the letters of ISO 3166-2:DE.
LAENDER = ("BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH")
DAY_MINUTES = 24 * 60
_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:Uhr)?\s*(?:-|–|—|bis|to)\s*(\d{1,2})(?:[:.](\d{2}))?\s*(?:Uhr)?", re.IGNORECASE)


@dataclass(frozen=True)
class Office:
    """A firm's opening hours, and its Land, '' for no public holidays."""

    hours: Hours = USUAL_HOURS
    land: str = ""


def span_of(text: str) -> tuple[int, int] | None:
    """Return the minutes a day begins and ends at, as typed (*8–17*, *7:30–16:00*), None for ''. Raises ValidationFailed."""
    if not text.strip():
        return None
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValidationFailed({"hours": ("opening_hours", {})})
    begins, ends = (int(found[place]) * 60 + int(found[place + 1] or 0) for place in (1, 3))
    if not (0 <= begins < ends <= DAY_MINUTES) or any(int(found[place] or 0) > 59 for place in (2, 4)):
        raise ValidationFailed({"hours": ("opening_hours", {})})
    return begins, ends


def span_text(span: tuple[int, int] | None) -> str:
    """Return a day's hours as the firm's row holds them and a form shows them: 08:00–17:00, '' for none."""
    return "" if span is None else "–".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in span)


def office_of(r: Reader) -> Office:
    """Return when the firm is open; a firm that has not said so is open from Monday to Friday, 8 to 17."""
    row = r.row("SELECT opening_hours, holiday_land FROM firm LIMIT 1")
    if row is None or row["opening_hours"] is None:
        return Office(land=(row or {}).get("holiday_land") or "")
    try:
        hours = tuple(span_of(part) for part in row["opening_hours"].split(","))
    except ValidationFailed:
        hours = USUAL_HOURS
    return Office(hours if len(hours) == len(WEEKDAYS) else USUAL_HOURS, row["holiday_land"] or "")


@verb("firm.set_opening_hours")
def set_opening_hours(tx: Tx, _viewer: Viewer, version: int | None = None, *, hours: Mapping[str, str], land: str) -> None:
    """Change when the firm is open; for owners and admins.

    ``hours`` holds what was typed for each of ``WEEKDAYS``, '' for a day it is shut; ``land`` is one of ``LAENDER`` or ''.

    Raises EditConflict, NotAllowed, NotFound, ValidationFailed.
    """
    firm = led_firm(tx, version)
    problems: dict[str, Problem] = {}
    spans = []
    for day in WEEKDAYS:
        try:
            spans.append(span_of(hours.get(day) or ""))
        except ValidationFailed as failed:
            problems[day] = failed.problems["hours"]
    if land and land not in LAENDER:
        problems["land"] = ("choice_unknown", {})
    if not problems and not any(spans):
        problems["monday"] = ("opening_hours_none", {})
    if problems:
        raise ValidationFailed(problems)
    tx.update("firm", firm["firm_id"], opening_hours=",".join(map(span_text, spans)), holiday_land=land)
