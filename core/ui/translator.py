"""Streamlit's own words in the person's language, and the language said to the browser."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from core.i18n import language, words_of

_component = st.components.v2.component(
    "kundenblick_translator", js=(Path(__file__).parent / "translator.js").read_text("utf-8"), isolate_styles=False
)


def translator() -> None:
    """Have the browser say Streamlit's English words (``streamlit.*`` in the English word list) in this language."""
    _component(key="translator", data={"language": language(), "words": _words(language())}, height=1)


@cache
def _words(code: str) -> dict[str, str]:
    """Streamlit's English words and what this language says instead."""
    own = words_of(code)
    return {text: own[key] for key, text in words_of("en").items() if key.startswith("streamlit.")}
