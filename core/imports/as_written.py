"""Say a value of a file or of the store as people write it: amounts with their separators, days, yes and no."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from core.i18n import language, t
from core.i18n.formats import day, moment


def as_written(value: object, kind: str) -> object:
    """Return a recorded value of this SQL type as people write it in the current language; what is none of the type stays as it is."""
    text = str(value)
    try:
        if kind.startswith("DECIMAL"):
            figure = f"{Decimal(text):,f}"
            return figure.translate(str.maketrans(",.", ".,")) if language() == "de" else figure
        if kind == "DATE":
            return day(date.fromisoformat(text))
        if kind == "TIMESTAMP":
            return moment(datetime.fromisoformat(text))
    except (ValueError, InvalidOperation):
        return value
    if kind == "BOOLEAN" and text in ("true", "false"):
        return t("common.yes" if text == "true" else "common.no")
    return value
