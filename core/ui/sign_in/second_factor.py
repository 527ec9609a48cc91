"""The step after the password: the code of the second factor, or its set-up where the role needs one."""

from __future__ import annotations

import time
from typing import Literal
from urllib.parse import urlencode

import segno
import streamlit as st

from core.base.errors import AppError, ValidationFailed
from core.base.rights import Viewer
from core.i18n import sentence, t
from core.identity.begun_sign_in import Begun, SignInVoid
from core.identity.oidc_subject import Subject
from core.identity.second_factor import app_address, check_code, factor_made_at, factor_state, new_secret, set_second_factor
from core.identity.sign_in_tickets import FOR_STEP, mint, redeem
from core.ui.parts.escape import esc
from core.ui.parts.navigate import go_anew
from core.ui.parts.viewer import browser_hash
from core.ui.state.sign_in_state import FactorSetUp, SecondStep
from core.ui.state.ui_state import ui_state

# After so many seconds the password has to be typed again.
SECOND_STEP_TTL_S = 600
# What of the address leads through a link or says how one went: not a part of where the person wanted to go.
LINKS = ("first", "invitation", "join", "reset", "oidc", "step", "said")


def proceed(begun: Begun) -> None:
    """Let the person in after a right password or link, or ask for the second factor first."""
    state = factor_state(begun.viewer)
    if not state.has and not state.needed:
        enter(begun)
        return
    _begin(begun, "code" if state.has else "setup")


def proceed_from_provider(ticket: str) -> None:
    """Begin the second step of somebody the identity provider named; ``ticket`` stands for that, once."""
    found = redeem(ticket, FOR_STEP)
    del st.query_params["step"]
    if found is not None:
        _begin(found.begun, "code" if factor_state(found.viewer).has else "setup", found.subject)


def _begin(begun: Begun, step: Literal["code", "setup"], subject: Subject | None = None) -> None:
    ui_state().sign_in.step = SecondStep(begun, step, time.monotonic() + SECOND_STEP_TTL_S, subject)
    st.rerun()


def enter(begun: Begun) -> None:
    """Send the browser through the route that sets the cookie, and from there to the page the person came for."""
    state = ui_state().sign_in
    step, state.step = state.step, None
    ticket = mint(begun, way_back(), subject=step.subject if step else None)
    go_anew(f"/auth/enter?{urlencode({'ticket': ticket})}")
    st.caption(t("sign_in.entering"))


def way_back() -> str:
    """Return the path and query the person came for, without what led through a link."""
    query = {key: value for key, value in st.query_params.items() if key not in LINKS}
    path = "/" + (st.context.url or "").split("/", 3)[-1].split("?")[0] if (st.context.url or "").count("/") > 2 else "/"
    return path + (f"?{urlencode(query)}" if query else "")


def link_while_in() -> None:
    """Say to somebody who is signed in and opened a link that lets in that it stays unused."""
    if any(key in st.query_params for key in ("first", "invitation", "join", "reset")):
        st.warning(t("sign_in.link_while_in"), icon=":material/link:")


def second_step() -> bool:
    """Draw the step that is open in this browser; return whether there is one."""
    state = ui_state().sign_in
    pending = state.step
    if pending is None or pending.until < time.monotonic():
        state.step = None
        return False
    try:
        if pending.step == "code":
            _code(pending.begun)
        else:
            st.markdown(f"**{t('sign_in.factor_needed')}**")
            if set_up(pending.begun.viewer, pending.set_up, "sign-in", pending.begun):
                enter(pending.begun)
                return True
    except SignInVoid as problem:
        state.step, state.problem = None, sentence(problem)
        st.rerun()
    except AppError as problem:
        st.error(sentence(problem), icon=":material/error:")
    if not pending.set_up.codes and st.button(t("common.cancel"), key="step-cancel", type="tertiary"):
        state.step = None
        st.rerun()
    return True


def _code(begun: Begun) -> None:
    with st.form("sign-in-code", clear_on_submit=True):
        st.subheader(t("sign_in.code_title"), anchor=False)
        st.caption(t("sign_in.code_hint"))
        code = st.text_input(t("sign_in.code"), autocomplete="one-time-code", key="sign-in-code-typed")
        if not st.form_submit_button(t("sign_in.go"), type="primary"):
            return
    if check_code(begun.viewer, code, browser_hash(), begun):
        enter(begun)
    else:
        st.error(t("errors.code_wrong"), icon=":material/error:")


def set_up(viewer: Viewer, state: FactorSetUp, key: str, begun: Begun | None = None) -> bool:
    """Show the secret, take a code of it, show the recovery codes once; return whether they are put away.

    Args:
        viewer: Whose factor it is.
        state: Keeps the secret and the codes from one run to the next.
        key: Begins the keys of the inputs.
        begun: The sign-in the set-up belongs to, which goes on.
    """
    if state.codes:
        st.markdown(t("sign_in.codes_hint"))
        st.code("\n".join(state.codes), language=None)
        return st.button(t("sign_in.codes_done"), type="primary", key=f"{key}-codes-done")
    if state.secret is None:
        state.secret, state.replaces = new_secret(), factor_made_at(viewer)
    secret = state.secret
    st.markdown(t("sign_in.setup_hint"))
    picture = segno.make(app_address(viewer, secret), error="m").png_data_uri(scale=4, border=3)
    st.html(f'<img class="kb-qr" src="{esc(picture)}" alt="{esc(t("sign_in.qr"))}">')
    with st.expander(t("sign_in.by_hand")):
        st.code(" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)), language=None, wrap_lines=True)
    with st.form(f"{key}-setup", clear_on_submit=True, border=False):
        code = st.text_input(t("sign_in.code"), autocomplete="one-time-code", key=f"{key}-setup-code")
        sent = st.form_submit_button(t("sign_in.setup_go"), type="primary")
    if sent:
        try:
            state.codes = set_second_factor(viewer, secret, code, replaces=state.replaces, begun=begun)
        except ValidationFailed:
            st.error(t("errors.code_wrong"), icon=":material/error:")
        else:
            st.rerun(scope="app" if key == "sign-in" else "fragment")
    return False
