"""Say quietly that there is nothing: a sign and a sentence in the middle of where it would stand."""

from __future__ import annotations

import streamlit as st

from core.ui.parts.escape import esc


def empty_state(sign: str, sentence: str) -> None:
    """Draw the sign, an icon's name in Streamlit's own font, above the sentence."""
    st.html(f'<div class="kb-empty"><span class="kb-sign" aria-hidden="true" translate="no">{esc(sign)}</span><p>{esc(sentence)}</p></div>')
