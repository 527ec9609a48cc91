"""Rows of a file as a small table, one that scrolls sideways by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from core.base.text_folding import normalise
from core.ui.parts.escape import esc

# Widest that a cell is shown.
MAX_CELL_CHARS = 48


def cut(text: str, most: int = MAX_CELL_CHARS) -> str:
    """Return a text on one line, without signs that nobody sees, shortened."""
    plain = " ".join(normalise(str(text)).split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def cell(text: str, why: str | None = None) -> str:
    """Return a cell as HTML; one that is wrong has a colour, a sign, and says why."""
    if why is None:
        return f"<td>{esc(cut(text))}</td>"
    return f'<td class="kb-wrong"><span aria-hidden="true">⚠ </span>{esc(cut(text))}<small>{esc(why)}</small></td>'


def sheet(label: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Draw rows of cells (``cell``) under their heads."""
    head = "".join(f'<th scope="col">{esc(cut(name))}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    st.html(
        f'<p class="kb-label">{esc(label)}</p><div class="kb-sheet" role="region" tabindex="0" aria-label="{esc(label)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
