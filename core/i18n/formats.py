"""Write dates, numbers and money in the person's language, moments in the firm's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal

from core.i18n import language, t


@dataclass
class _Firm:
    zone: ZoneInfo
    currency: str


# The same for everybody of this installation.
_firm = _Firm(ZoneInfo("Europe/Berlin"), "EUR")


def use_firm(time_zone: str, currency: str) -> None:
    """Set the firm's time zone (IANA name) and currency (ISO 4217)."""
    _firm.zone, _firm.currency = ZoneInfo(time_zone), currency


_LOCALES = {"de": Locale("de", "DE"), "en": Locale("en", "GB")}
_DAY_PATTERNS = {"de": "%d.%m.%Y", "en": "%d/%m/%Y"}
_TIME_PATTERN = "%H:%M"


def locale() -> Locale:
    """Return Babel's locale of the person's language."""
    return _LOCALES[language()]


def zone() -> ZoneInfo:
    """Return the firm's time zone."""
    return _firm.zone


def currency() -> str:
    """Return the firm's currency, as ISO 4217 names it."""
    return _firm.currency


def local(moment: datetime) -> datetime:
    """Return a stored moment (UTC, without zone) in the firm's time zone."""
    return moment.replace(tzinfo=UTC).astimezone(_firm.zone)


def today() -> date:
    """Return today's date where the firm is."""
    return datetime.now(_firm.zone).date()


def day_pattern(code: str | None = None) -> str:
    """Return how a day is written, for ``strftime`` of Python and of SQL: ``%d.%m.%Y`` or ``%d/%m/%Y``."""
    return _DAY_PATTERNS[code or language()]


def moment_pattern() -> str:
    """Return how a day with its time is written, for ``strftime``."""
    return f"{day_pattern()}, {_TIME_PATTERN}"


def day_input_format() -> str:
    """Return how a day is written, for Streamlit's inputs and table columns: ``DD.MM.YYYY`` or ``DD/MM/YYYY``."""
    return day_pattern().replace("%d", "DD").replace("%m", "MM").replace("%Y", "YYYY")


def day(value: date | None) -> str:
    """Return a day as 31.12.2026, or 31/12/2026 in English; the year always has four digits."""
    return "" if value is None else value.strftime(day_pattern().replace("%Y", f"{value.year:04d}"))


def spoken_day(value: date) -> str:
    """Return a day as *27. November*, or *27 November* in English; with its year when that is another than today's."""
    if value.year != today().year:
        return format_date(value, "long", locale=locale())
    return format_skeleton("MMMMd", value, locale=locale())


def weekday_and_day(value: date) -> str:
    """Return a day as *Montag, 30. November 2026*, or *Monday, 30 November 2026* in English."""
    return format_date(value, "full", locale=locale())


def time_of_day(value: datetime) -> str:
    """Return the time of a stored moment where the firm is: 17:42."""
    return local(value).strftime(_TIME_PATTERN)


def moment(value: datetime | None) -> str:
    """Return a stored moment as 31.12.2026, 17:42."""
    return "" if value is None else f"{day(local(value).date())}, {time_of_day(value)}"


def ago(value: datetime | None) -> str:
    """Return a stored moment close to speech: *heute, 09:12*, *gestern, 17:42*, else the day."""
    if value is None:
        return ""
    there = local(value)
    days = (today() - there.date()).days
    if days in (0, 1):
        return t("common.today_at" if days == 0 else "common.yesterday_at", time=time_of_day(value))
    return day(there.date())


def money(value: Decimal | None, currency: str | None = None) -> str:
    """Return an amount in the firm's currency, or the named one: 1.234,56 € or €1,234.56."""
    return "" if value is None else format_currency(value, currency or _firm.currency, locale=locale())


def number(value: Decimal | int | float | None, places: int | None = None) -> str:
    """Return 1.234,5 or 1,234.5, with up to three decimals; with ``places`` at least so many and up to six."""
    if type(value) is int and places is None:
        # As Babel writes it, in a tenth of the time: a page has some fifty.
        grouped = f"{value:,}"
        return grouped.replace(",", ".") if language() == "de" else grouped
    form = None if places is None else f"#,##0.{'0' * places:#<6}"
    return "" if value is None else format_decimal(value, form, locale=locale())


def hours(minutes: int | None) -> str:
    """Return minutes as hours: 1:30 h."""
    return "" if minutes is None else f"{number(minutes // 60)}:{minutes % 60:02d} h"
