"""The bar on every page while a person looks as somebody else, with the way back."""

from __future__ import annotations

import streamlit as st

from core.access.view_as import end_view
from core.base.rights import Viewer
from core.i18n import t
from core.i18n.formats import time_of_day
from core.store import reader
from core.ui.parts.escape import md
from core.ui.parts.navigate import go_anew
from core.ui.parts.viewer import token_hash


def view_bar(viewer: Viewer) -> None:
    """Draw as whom the person looks and until when; nothing when they look as themselves."""
    place = st.container(horizontal=True, vertical_alignment="center", gap="small", key="view-as")
    if viewer.by is None:
        return
    with reader(viewer.person) as r:
        name = r.value("SELECT name FROM staff_member WHERE staff_member_id = $id", id=viewer.id)
        until = r.value("SELECT max(viewed_until) FROM session WHERE viewed_member_id = $id AND ended_at IS NULL", id=viewer.id)
    with place:
        time = time_of_day(until) if until else "–"
        st.markdown(f":material/visibility: {t('frame.view_as', name=md(name), time=time)}", width="stretch")
        st.button(t("frame.view_as_end"), key="view-as-end", on_click=_back, args=(viewer,))


def _back(viewer: Viewer) -> None:
    end_view(viewer.person, token_hash() or "")
    go_anew("/team")
