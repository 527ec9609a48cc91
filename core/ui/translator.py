"""Streamlit's own words in the person's language, and the language said to the browser."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.i18n import language, words_of

_component = st.components.v2.component(
    "kundenblick_translator", js=(Path(__file__).parent / "translator.js").read_text("utf-8"), isolate_styles=False
)


def translator() -> None:
    """Have the browser say Streamlit's English words (``streamlit.*`` in the English word list) in this language."""
    english, own = (words_of(code) for code in ("en", language()))
    words = {text: own[key] for key, text in english.items() if key.startswith("streamlit.")}
    _component(key="translator", data={"language": language(), "words": words}, height=1)
