"""The photo's square: a frame to drag and scale over the picture; the browser sends back only four fractions and which button."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

from core.i18n import t

_FOLDER = Path(__file__).parent
# The words of the component, each under ``photo.<word>``.
WORDS = ("frame", "hint", "size", "status", "preview", "save", "saving", "other", "cancel")
_crop = st.components.v2.component(
    "kundenblick_photo_crop",
    css=(_FOLDER / "crop.css").read_text("utf-8"),
    js=(_FOLDER / "crop.js").read_text("utf-8"),
    # In the page itself: the dialog's focus trap does not look into a shadow root.
    isolate_styles=False,
)
_source = st.components.v2.component("kundenblick_photo_source", js=(_FOLDER / "source.js").read_text("utf-8"))

Pressed = tuple[str, tuple[float, ...]]


def crop(shown: bytes, width: int, height: int, key: str, tries: int) -> Pressed | None:
    """Draw the picture (a WebP of ``width`` × ``height`` upright pixels) with its frame.

    Returns which button was pressed just now (save, other or cancel), with left, top, right, bottom of the frame as fractions. ``tries``
    counts the saves that failed, so that the button can be pressed again.
    """
    data = {
        "image": f"data:image/webp;base64,{base64.b64encode(shown).decode()}",
        "width": width,
        "height": height,
        "tries": tries,
        "words": {word: t(f"photo.{word}") for word in WORDS},
    }
    pressed = _crop(key=key, data=data, on_said_change=lambda: None).said
    if not isinstance(pressed, dict) or pressed.get("what") not in ("save", "other", "cancel"):
        return None
    frame = pressed.get("frame")
    numbers = tuple(value for value in frame if type(value) in (int, float)) if isinstance(frame, list) else ()
    return pressed["what"], numbers


def source(container: str, key: str) -> None:
    """Make Streamlit's uploader and camera inside a container speak the person's language and take pasted pictures.

    Args:
        container: The container's key.
        key: The key of the script that does it.
    """
    words = {
        code: t(f"photo.native.{code}") for code in ("upload", "drop", "limits", "uploading", "take", "allow", "how", "switch", "clear")
    }
    _source(key=key, data={"container": container, "words": words}, height=1)
