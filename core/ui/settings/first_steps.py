"""*Erste Schritte*: what a new installation still lacks, read from what there is; it goes away when nothing is left, or put away."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.base.config import Settings
from core.base.errors import AppError
from core.base.rights import Role, Viewer
from core.i18n import sentence, t
from core.identity.firm import DETAILS, put_first_steps_away
from core.mail.smtp import can_send
from core.operations.backup.schedule import known_standing
from core.store import Row, cached, reader, scope_of
from core.ui.forms.form_dialog import open_form
from core.ui.parts.escape import md
from core.ui.parts.navigate import PAGES
from core.ui.parts.section import section_head
from core.ui.parts.viewer import SETTINGS
from core.ui.state.ui_state import ui_state

# Whether there is a field, a second person who may sign in or is invited, a client.
_DONE = """SELECT EXISTS (FROM custom_field WHERE retired_at IS NULL) AS fields,
    (SELECT count(*) FROM staff_member WHERE is_active) > 1 AS team, EXISTS (FROM account) AS clients"""


def steps_done(viewer: Viewer, settings: Settings) -> dict[str, bool]:
    """Return {step: whether it is done}, in the order one does them.

    A backup counts when it was verified and lies elsewhere than the data.
    """
    with reader(viewer) as r:
        found: Row = r.row(_DONE) or {}
    elsewhere = not settings.backups.is_relative_to(settings.data)
    return {
        **{step: bool(found[step]) for step in ("fields", "team", "clients")},
        "backups": elsewhere and known_standing(settings).last is not None, "mail": can_send(settings),
    }  # fmt: skip


def is_shown(viewer: Viewer) -> bool:
    """Return whether the list is for this person: an owner or admin of a firm that did not put it away, and is no sample."""
    if viewer.by is not None or scope_of(viewer).role not in (Role.OWNER, Role.ADMIN):
        return False
    firm = cached(viewer, ("firm",), lambda r: r.row(DETAILS), "firm")
    return firm is not None and not firm["is_sample"] and not firm["first_steps_put_away"]


def first_steps(viewer: Viewer) -> None:
    """Draw the list, while something of it is left to do."""
    if not is_shown(viewer):
        return
    done = steps_done(viewer, SETTINGS)
    if all(done.values()):
        return
    with st.container(gap="xsmall", key="first-steps"):
        with st.container(horizontal=True, vertical_alignment="center", key="head-first-steps"):
            st.html(section_head(t("first_steps.title")), width="stretch")
            st.caption(t("first_steps.count", done=sum(done.values()), of=len(done)), width="content")
            st.button(
                t("first_steps.put_away"), type="tertiary", icon=":material/close:", key="first-steps-away", on_click=_put, args=(viewer,)
            )
        for step, is_done in done.items():
            _step(step, is_done)
        if problem := ui_state().take_problem("first_steps"):
            st.error(problem, icon=":material/error:")


def _step(step: str, is_done: bool) -> None:
    words = t(f"first_steps.{step}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"first-step-{step}"):
        if is_done:
            st.markdown(f":green[:material/check_circle:] :gray[{md(words)} · {t('first_steps.done')}]")
            return
        _WAYS[step](words)
        st.caption(t(f"first_steps.{step}_hint"), width="stretch")


def _to_section(section: str) -> Callable[[str], object]:
    return lambda words: st.page_link(
        PAGES["settings"], label=words, icon=":material/radio_button_unchecked:", query_params={"section": section}
    )


# How each step is begun: by going where it is done, or by its form.
_WAYS: dict[str, Callable[[str], object]] = {
    "fields": _to_section("fields"),
    "team": lambda words: st.page_link(PAGES["team"], label=words, icon=":material/radio_button_unchecked:"),
    "clients": lambda words: st.button(
        words, type="tertiary", icon=":material/radio_button_unchecked:", key="first-client", on_click=open_form, args=("new_account",)
    ),
    "backups": _to_section("backups"),
    "mail": _to_section("firm"),
}


def _put(viewer: Viewer) -> None:
    try:
        put_first_steps_away(viewer)
    except AppError as problem:
        ui_state().problems["first_steps"] = sentence(problem)


def show_again_button(viewer: Viewer, firm: Row) -> None:
    """Draw the way back to a list that was put away with something left on it."""
    if firm["first_steps_put_away"] and not firm["is_sample"] and not all(steps_done(viewer, SETTINGS).values()):
        st.button(
            t("first_steps.again"), type="tertiary", icon=":material/checklist:", key="first-steps-again", on_click=put_first_steps_away,
            args=(viewer, False),
        )  # fmt: skip
