"""Where a file is dropped or chosen and rows are pasted; the browser sends them to ``/import/file``, and only what came of it returns."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.base.sizes import MIB
from core.i18n import language, t
from core.imports.uploads import MAX_UPLOAD_BYTES

WORDS = (
    "label", "choose", "or_drop", "paste", "paste_hint", "sending", "kept", "cancel", "canceled", "cut", "again", "pasted",
    "nothing_pasted", "several", "refused", "signed_out",
)  # fmt: skip
# What the route may answer, with the values of each sentence.
PROBLEMS: dict[str, dict[str, object]] = {
    "not_allowed": {}, "signed_out": {}, "upload_large": {"largest": MAX_UPLOAD_BYTES // MIB}, "upload_busy": {}, "upload_empty": {},
    "upload_cut": {}, "store_full": {}, "store_unavailable": {}, "viewing_only": {},
}  # fmt: skip
_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "kundenblick_drop",
    css=(_FOLDER / "drop_box.css").read_text("utf-8"),
    js=(_FOLDER / "drop_box.js").read_text("utf-8"),
    isolate_styles=False,
)


def drop_box(key: str) -> int | None:
    """Draw the box; return the number of the upload that has just arrived, None else."""
    data = {
        "words": {word: t(f"import_page.drop.{word}") for word in WORDS},
        "problems": {code: t(f"errors.{code}", **values) for code, values in PROBLEMS.items()},
        "language": language(),
    }
    arrived = _component(key=key, data=data, on_arrived_change=lambda: None).arrived
    return arrived if type(arrived) is int and 0 < arrived < 2**63 else None
