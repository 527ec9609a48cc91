"""*Mein Zugang*: the person's own sessions, password, second factor and language."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from core.base.errors import AppError, NotAllowed, ValidationFailed
from core.base.rights import Viewer
from core.i18n import sentence, t
from core.i18n.devices import device
from core.i18n.formats import ago
from core.identity.members import set_language
from core.identity.password_change import change_own_password
from core.identity.second_factor import confirm_code, factor_state, remove_second_factor, renew_recovery_codes
from core.identity.sessions import end_other_sessions, end_own_session, own_sessions
from core.identity.sign_in import password_is_right, password_is_set
from core.store import Row, reader, sql
from core.ui.forms.field_inputs import show_problem
from core.ui.forms.form_dialog import close_form, form, open_form
from core.ui.parts.escape import esc, md
from core.ui.parts.problems import sentences
from core.ui.parts.section import section
from core.ui.parts.viewer import SETTINGS, browser_hash, token_hash
from core.ui.sign_in.second_factor import set_up
from core.ui.state.open_form import OpenForm
from core.ui.state.sign_in_state import FactorSetUp
from core.ui.state.ui_state import ui_state

# A person's own language (None: the browser's) → the key of its word.
LANGUAGES = {None: "profile.language_browser", "de": "profile.language_de", "en": "profile.language_en"}


def profile(viewer: Viewer) -> None:
    """Draw the whole page. Raises NotAllowed while the person looks as somebody else."""
    if viewer.by is not None:
        raise NotAllowed()
    st.header(t("frame.profile"), anchor=False)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _sessions(viewer)
        _language(viewer)
    with right:
        _password(viewer)
        _factor(viewer)


def _sessions(viewer: Viewer) -> None:
    rows = own_sessions(viewer, token_hash(), SETTINGS)
    with section("sessions", t("profile.sessions")):
        for row in rows:
            _session(viewer, row)
        if len(rows) > 1:
            st.button(t("profile.end_others"), key="end-others", icon=":material/logout:", on_click=_end, args=(viewer, None))
        else:
            st.caption(t("profile.only_this"))
        if problem := ui_state().take_problem("profile"):
            st.error(problem, icon=":material/error:")


def _session(viewer: Viewer, row: Row) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"session-{row['session_id']}"):
        mark = f' <span class="kb-tag">{esc(t("profile.this_one"))}</span>' if row["is_this"] else ""
        where = t("profile.from_address", address=row["network_address"] or "–")
        times = t("profile.times", since=ago(row["created_at"]), used=ago(row["last_used_at"]))
        st.html(
            f'<p class="kb-text"><strong>{esc(device(row["user_agent"]))}</strong>{mark}</p>'
            f'<p class="kb-line">{esc(where)} · {esc(times)}</p>', width="stretch",
        )  # fmt: skip
        if not row["is_this"]:
            st.button(t("profile.end"), key=f"end-{row['session_id']}", on_click=_end, args=(viewer, row["session_id"]))


def _end(viewer: Viewer, session_id: int | None) -> None:
    try:
        if session_id is None:
            end_other_sessions(viewer, token_hash())
        else:
            end_own_session(viewer, session_id)
    except AppError as problem:
        ui_state().problems["profile"] = sentence(problem)


def _language(viewer: Viewer) -> None:
    with reader(viewer) as r:
        own = r.value(sql("own_language"), viewer_id=viewer.id)
    with section("language", t("frame.language")):
        chosen = st.radio(
            t("frame.language"), list(LANGUAGES), index=list(LANGUAGES).index(own), key=f"profile-language-{own}", horizontal=True,
            format_func=lambda code: t(LANGUAGES[code]), label_visibility="collapsed",
        )  # fmt: skip
    if chosen != own:
        set_language(viewer, chosen or "")
        st.rerun()


def _password(viewer: Viewer) -> None:
    with section("password", t("sign_in.password")):
        if not password_is_set(viewer):
            st.caption(t("profile.no_password"))
            return
        state = ui_state().password
        problems, state.problems = state.problems, {}
        with st.form(f"own-password-{state.key_epoch}", border=False, enter_to_submit=False):
            old = st.text_input(t("profile.old_password"), type="password", key=f"old-{state.key_epoch}", autocomplete="current-password")
            show_problem(problems, "old")
            new = st.text_input(t("sign_in.new_password"), type="password", key=f"new-{state.key_epoch}", autocomplete="new-password")
            show_problem(problems, "password")
            st.caption(t("sign_in.password_hint"))
            sent = st.form_submit_button(t("profile.change_password"))
        if sent:
            _change(viewer, old, new)
        if state.is_changed:
            state.is_changed = False
            st.success(t("profile.password_changed"), icon=":material/check:")


def _change(viewer: Viewer, old: str, new: str) -> None:
    state = ui_state().password
    try:
        change_own_password(viewer, old, new, token_hash())
    except ValidationFailed as failed:
        state.problems = sentences(failed)
    except AppError as problem:
        state.problems = {"old": sentence(problem)}
    else:
        state.key_epoch += 1
        state.is_changed = True
    st.rerun()


def _factor(viewer: Viewer) -> None:
    state = factor_state(viewer)
    with section("factor", t("profile.factor")):
        if not state.has:
            st.caption(t("profile.factor_hint"))
            st.button(t("profile.factor_set"), key="factor-set", icon=":material/add_moderator:", on_click=open_form, args=("factor",))
            return
        st.markdown(t("profile.factor_on"))
        st.caption(t("profile.codes_left", n=state.codes_left))
        with st.container(horizontal=True):
            st.button(t("profile.codes_new"), key="factor-codes", on_click=open_form, args=("factor_codes",))
            st.button(t("profile.factor_again"), key="factor-again", on_click=open_form, args=("factor",))
            if not state.needed:
                st.button(t("profile.factor_off"), key="factor-off", type="tertiary", on_click=open_form, args=("factor_off",))


@dataclass
class _FactorForm:
    """A form about the second factor: whether the person proved who they are, and the set-up."""

    is_proved: bool = False
    set_up: FactorSetUp = field(default_factory=FactorSetUp)


def _proof(viewer: Viewer, editing: OpenForm, go: str) -> bool:
    """Ask for proof that it is the person, a code where there is a factor, else the password; return whether it was given."""
    if editing.own(_FactorForm).is_proved:
        return True
    by_code = factor_state(viewer).has
    if not by_code and not password_is_set(viewer):
        return True
    with st.form(editing.key("proof"), border=False):
        label = t("sign_in.code") if by_code else t("profile.old_password")
        typed = st.text_input(label, type="default" if by_code else "password", key=editing.key("typed"), autocomplete="off")
        show_problem(editing.problems, "typed")
        sent = st.form_submit_button(go, type="primary")
    if st.button(t("common.cancel"), key=editing.key("cancel")):
        _close()
    if sent:
        try:
            if by_code:
                confirm_code(viewer, typed, browser_hash())
            else:
                password_is_right(viewer, typed)
        except ValidationFailed as failed:
            code, values = next(iter(failed.problems.values()))
            editing.problems = {"typed": t(f"errors.{code}", **values)}
        except AppError as problem:
            editing.problems = {"typed": sentence(problem)}
        else:
            editing.own(_FactorForm).is_proved, editing.problems = True, {}
        st.rerun(scope="fragment")
    return False


def _close() -> None:
    close_form()
    st.rerun()


@form("factor", "profile.factor")
def _set(viewer: Viewer, editing: OpenForm) -> None:
    if not _proof(viewer, editing, t("profile.next")):
        return
    state = editing.own(_FactorForm).set_up
    if set_up(viewer, state, editing.key("factor")):
        _close()
    if not state.codes and st.button(t("common.cancel"), key=editing.key("cancel-setup")):
        _close()


@form("factor_codes", "profile.codes_new")
def _codes(viewer: Viewer, editing: OpenForm) -> None:
    state = editing.own(_FactorForm).set_up
    if not state.codes:
        st.markdown(t("profile.codes_new_hint"))
        if not _proof(viewer, editing, t("profile.codes_new")):
            return
        state.codes = renew_recovery_codes(viewer)
    if set_up(viewer, state, editing.key("factor")):
        _close()


@form("factor_off", "profile.factor_off", "question")
def _off(viewer: Viewer, editing: OpenForm) -> None:
    st.markdown(md(t("profile.factor_off_hint")))
    if _proof(viewer, editing, t("profile.factor_off")):
        remove_second_factor(viewer)
        _close()
