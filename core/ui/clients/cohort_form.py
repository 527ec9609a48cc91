"""Keep the clients of a list as a cohort: its name, and whether colleagues may use it."""

from __future__ import annotations

from collections.abc import Callable, Collection

import streamlit as st

from core.base.errors import AppError, ValidationFailed
from core.base.rights import Right
from core.i18n import sentence, t
from core.ui.parts.escape import md
from core.ui.parts.problems import sentences


def cohort_form(key: str, needs: Collection[Right], keep: Callable[[str, bool], object], hint: Callable[[], str] | None = None) -> None:
    """Draw a button that opens the form.

    Args:
        key: Begins the keys of its inputs.
        needs: The rights without which a colleague is not offered the cohort.
        keep: Called with the name and whether it is shared.
        hint: Says which clients will be in it; asked once the form is open.
    """
    with st.popover(t("activity.keep_cohort"), icon=":material/bookmark_add:", key=f"{key}-keep", on_change="rerun") as asked:
        if not asked.open:
            return
        if hint is not None:
            st.caption(hint())
        name = st.text_input(t("activity.cohort_name"), key=f"{key}-name", max_chars=80)
        shared = st.toggle(t("activity.cohort_shared"), key=f"{key}-shared")
        if shared and needs:
            rights = ", ".join(t(f"team.right.{right.value}.name") for right in sorted(needs))
            st.caption(md(t("activity.cohort_needs", rights=rights)))
        if st.button(t("activity.cohort_save"), key=f"{key}-save", disabled=not name):
            try:
                keep(name, shared)
            except ValidationFailed as failed:
                st.error(md(sentences(failed)["name"]))
            except AppError as problem:
                st.error(md(sentence(problem)))
            else:
                st.success(md(t("activity.cohort_kept", name=name)))
