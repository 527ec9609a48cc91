"""Say of several words as many as a cell has room for, and how many there are besides."""

from __future__ import annotations

from collections.abc import Sequence

from core.ui.parts.columns import CELL_PADDING_PX, room

# A word in a pill needs so much more than ``room`` says of its text, which is a little much; it stands so far from the next (Streamlit 1.67).
PILL_PX = 11
GAP_PX = 4


def fitting(words: Sequence[str], width: int, between: int) -> list[str]:
    """Return the first words that fit into a cell of this width in pixels, at least one (cut, where there is no room for it), then ``+2`` for two more.

    Args:
        words: All of them, in their order.
        width: Of the cell.
        between: What each word needs besides its text.
    """
    needs = [room(word) - CELL_PADDING_PX + between for word in words]
    for shown in range(len(words), 1, -1):
        more = [f"+{len(words) - shown}"] if shown < len(words) else []
        if sum(needs[:shown]) + sum(room(word) - CELL_PADDING_PX + between for word in more) <= width - CELL_PADDING_PX:
            return [*words[:shown], *more]
    if len(words) < 2:
        return [*words]
    rest = f"+{len(words) - 1}"
    return [_cut(words[0], width - CELL_PADDING_PX - between - (room(rest) - CELL_PADDING_PX + between)), rest]


def _cut(word: str, width: int) -> str:
    """Return a word that fits into this width in pixels, its end cut off with ``…``."""
    if room(word) - CELL_PADDING_PX <= width:
        return word
    return next(
        (f"{word[:end]}…" for end in range(len(word) - 1, 1, -1) if room(f"{word[:end]}…") - CELL_PADDING_PX <= width), word[:1] + "…"
    )
