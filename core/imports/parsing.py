"""Parse values as files write them: texts, numbers, days and moments."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from core.base.numbers import bounded, decimal_of
from core.base.text_folding import is_kept
from core.imports.problems import RowRejected

YES = frozenset({"ja", "j", "yes", "y", "true", "wahr", "1", "x"})
NO = frozenset({"nein", "n", "no", "false", "falsch", "0"})
# Characters of a value that are shown when it is refused as a number.
MAX_SHOWN_CHARS = 60
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Noted:
    """A value stored in another form than the file has it; ``code`` and ``values`` make the sentence that says so."""

    __slots__ = ("code", "value", "values")

    def __init__(self, value: Any, code: str, /, **values: object) -> None:
        self.value, self.code, self.values = value, code, values


def as_text(value: object) -> str | None:
    """Return the text of a value; a whole number without its decimals."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, Decimal):
        try:
            return f"{bounded(value).normalize():f}"
        except ValueError:
            return str(value)[:MAX_SHOWN_CHARS]
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)


def clean_lines(text: str) -> str:
    """Return the text in NFC without control and bidi characters; line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(c for c in text if c in "\n\t" or is_kept(c))


def as_decimal(value: object, mark: str) -> Decimal | None:
    """Return a number; ``mark`` is the decimal mark, the other of comma and point groups thousands. Raises RowRejected."""
    if value is None:
        return value
    if isinstance(value, bool):
        raise RowRejected("number", value=as_text(value))
    if isinstance(value, int | float | Decimal):
        try:
            return bounded(Decimal(str(value)) if isinstance(value, float) else Decimal(value))
        except ValueError:
            # Python itself refuses to write out a whole number of more than 4,300 digits.
            long = isinstance(value, int) and value.bit_length() > 1_000
            raise RowRejected("number", value="…" if long else str(value)[:MAX_SHOWN_CHARS]) from None
    text = str(value).strip().replace("\u00a0", "").replace(" ", "")
    if not text:
        return None
    grouped = "," if mark == "." else "."
    whole, _, rest = text.partition(mark)
    if grouped in text:
        if grouped in rest or not re.fullmatch(rf"[-+]?\d{{1,3}}({re.escape(grouped)}\d{{3}})+", whole):
            raise RowRejected("number", value=text)
        text = text.replace(grouped, "")
    try:
        return decimal_of(text.replace(mark, "."))
    except ValueError:
        raise RowRejected("number", value=text[:MAX_SHOWN_CHARS]) from None


@lru_cache(maxsize=50_000)
def _parsed(text: str, form: str | None) -> datetime:
    try:
        if form:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is laid on afterwards
        return datetime.fromisoformat(text)
    except ValueError:
        raise RowRejected("date", value=text, form=form or "2026-12-31") from None


def as_date(value: object, form: str | None, zone: ZoneInfo | None = None) -> date | None:
    """Return a day, by the given format or ISO 8601, without its hour; of a moment with a zone, the day it was in ``zone``. Raises RowRejected."""
    moment = _day_and_hour(value, form, zone)
    return moment.date() if isinstance(moment, datetime) else moment


def kept_date(value: object, form: str | None, zone: ZoneInfo | None = None) -> date | Noted | None:
    """Return a day as ``as_date`` does; one that had an hour as ``Noted``. Raises RowRejected."""
    moment = _day_and_hour(value, form, zone)
    if isinstance(moment, datetime):
        day = moment.date()
        return day if moment.time() == time() else Noted(day, "hour_left_out", value=as_text(value), kept=day.isoformat())
    return moment


def _day_and_hour(value: object, form: str | None, zone: ZoneInfo | None) -> date | datetime | None:
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, datetime):
        moment = value
    else:
        text = str(value).strip()
        moment = _parsed(text, None if _ISO_DAY.fullmatch(text) else form)
        if moment.year < 1000:
            raise RowRejected("date", value=text, form=form or "2026-12-31")
    # Half past midnight of a first of January in Berlin is still the old year in UTC.
    try:
        return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo and zone else moment
    except OverflowError:  # the last hours of the year 9999
        raise RowRejected("date", value=as_text(value), form=form or "2026-12-31") from None


def as_moment(value: object, form: str | None, zone: ZoneInfo) -> datetime | None:
    """Return a moment in UTC; one without a zone is local time in ``zone``. Raises RowRejected."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime.combine(value, time())
    else:
        text = str(value).strip()
        moment = _parsed(text, None if _ISO_DAY.fullmatch(text) else form)
    if moment.year < 1000:
        raise RowRejected("date", value=as_text(value), form=form or "2026-12-31 17:42")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).replace(tzinfo=None)


def kept_moment(value: object, form: str | None, zone: ZoneInfo) -> datetime | Noted | None:
    """Return a moment as ``as_moment`` does; one the clocks skip in spring an hour later, as ``Noted``. Raises RowRejected."""
    moment = as_moment(value, form, zone)
    if moment is None or (isinstance(value, datetime) and value.tzinfo):
        return moment
    there = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    if there == moment or (isinstance(value, date) and not isinstance(value, datetime)):
        return moment
    written = (
        value if isinstance(value, datetime) else _parsed(str(value).strip(), None if _ISO_DAY.fullmatch(str(value).strip()) else form)
    )
    if written.tzinfo is None and written != there:
        return Noted(moment, "hour_not_there", value=as_text(value), kept=f"{there:%Y-%m-%d %H:%M}")
    return moment


def as_yes_no(value: object) -> bool | None:
    """Return whether the value says yes, in German, English or numbers. Raises RowRejected."""
    if value is None or isinstance(value, bool):
        return value
    text = (as_text(value) or "").strip().lower()
    if text in YES or text in NO:
        return text in YES
    raise RowRejected("yes_no", value=text)
