"""The age of the data of a card that a list feeds: *Stand 27. November*, amber when the next list is overdue."""

from __future__ import annotations

from core.i18n import t
from core.i18n.formats import spoken_day
from core.overview.data_age import Age
from core.ui.parts.escape import esc


def age_mark(age: Age | None) -> str:
    """Return the mark as HTML for the head of a card; nothing for a card that no list feeds."""
    if age is None:
        return ""
    words = t("widgets.common.as_of_late" if age.is_late else "widgets.common.as_of", day=spoken_day(age.day))
    return f'<span class="kb-age{" kb-late" if age.is_late else ""}">{esc(words)}</span>'
