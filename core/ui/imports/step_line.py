"""The line of the five steps, and where one stands among them."""

from __future__ import annotations

import streamlit as st

from core.i18n import t
from core.ui.parts.escape import esc

STEPS = ("file", "found", "columns", "changes", "take")


def step_line(at: int) -> None:
    """Draw the five steps; ``at`` counts from 1, 6 when everything is done."""
    items = []
    for place, name in enumerate(STEPS, 1):
        state = "kb-past" if place < at else "kb-now" if place == at else "kb-to-come"
        here = ' aria-current="step"' if place == at else ""
        sign = "check" if place < at else ""
        mark = f'<span class="kb-sign" aria-hidden="true" translate="no">{sign}</span>' if sign else f'<b aria-hidden="true">{place}</b>'
        items.append(f'<li class="{state}"{here}>{mark}<span>{esc(t(f"import_page.step.{name}"))}</span></li>')
    st.html(f'<ol class="kb-steps" aria-label="{esc(t("import_page.steps"))}">{"".join(items)}</ol>')
