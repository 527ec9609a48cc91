"""The sign-in: streamlit-authenticator's form with our own check; a ticket takes the browser to the route that sets the cookie."""

from __future__ import annotations

import json
import secrets
from typing import Literal

import streamlit as st
import streamlit_authenticator as stauth
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel

from core.base.config import base_url, read_settings
from core.base.errors import AppError, ValidationFailed
from core.base.rights import Viewer
from core.clients.custom_fields import STARTER, add_starter_fields
from core.i18n import language, sentence, t
from core.identity.firm import DETAILS, firm_name
from core.identity.members import is_first_owner_link, is_set_up, make_first_owner, nobody_may_enter
from core.identity.password_policy import password_sign_in_allowed
from core.identity.sign_in import begin_sign_in
from core.store import reader
from core.ui.parts.escape import esc, md, plain_paragraph
from core.ui.parts.firm_brand import firm_logo
from core.ui.parts.options import named
from core.ui.parts.problems import sentences
from core.ui.parts.viewer import SETTINGS, browser_hash, network_address
from core.ui.sign_in.accept_invitation import invited_page, join_page
from core.ui.sign_in.dead_link import show_dead_link
from core.ui.sign_in.oidc_link import provider
from core.ui.sign_in.password_reset import forgotten, forgotten_button, reset_page
from core.ui.sign_in.second_factor import proceed, proceed_from_provider, second_step
from core.ui.state.ui_state import ui_state

_KEY = secrets.token_hex(32)
# The sign-in alone: no empty sidebar, and one button that stands out.
_STYLE = """
<style>
[data-testid="stSidebar"] { display: none; }
.st-key-sign-in { margin-top: 6vh; }
.st-key-sign-in .kb-provider { display: block; text-align: center; padding: .5rem .8rem; }
.st-key-sign-in .kb-brand { font-size: 1.5rem; font-weight: 650; padding: 0; overflow-wrap: anywhere; }
.st-key-sign-in [data-testid="stFormSubmitButton"], .st-key-sign-in [data-testid="stFormSubmitButton"] button { width: 100%; }
.st-key-sign-in [data-testid="stFormSubmitButton"] button { background: #1f5f5b; border-color: #1f5f5b; color: #fff; }
.st-key-sign-in [data-testid="stFormSubmitButton"] button:hover { background: #174a47; border-color: #174a47; }
.st-key-sign-in [data-testid="stFormSubmitButton"] button:focus-visible { outline: 2px solid #5fb3ab; outline-offset: 2px; }
</style>
"""
# What the route that sets the cookie can say in the address (``said``) about a sign-in or sign-out that failed; anything else is ignored.
ADDRESS_ERRORS = frozenset({"sign_in_void", "leave_unsure", "store_full", "store_unavailable"})
# What a browser may fill in for the first owner, by input.
_AUTOCOMPLETE = {"firm": "organization", "name": "name", "email": "username", "password": "new-password"}


class OurCheck(AuthenticationModel):
    """The form's check, answered by our store; the page finds the result in ``ui_state().sign_in``."""

    def check_credentials(self, username: str, password: str) -> bool:
        """Begin a sign-in with the password; return False, so that the library does nothing of its own."""
        try:
            device = st.context.headers.get("User-Agent", "")
            found = begin_sign_in(username, password, network_address(), device, browser_hash())
        except AppError as problem:
            ui_state().sign_in.problem = sentence(problem)
            return False
        state = ui_state().sign_in
        state.begun = found
        if found is None:
            state.problem = t("sign_in.wrong")
        return False

    def login(self, username: str | None = None, password: str | None = None, *_: object, **__: object) -> bool:
        """Check the credentials, and nothing else: the library's own session state and cookie stay unused."""
        if not (username and password):
            ui_state().sign_in.problem = t("sign_in.empty")
            return False
        return self.check_credentials(username, password)


class NoCookie:
    """A store of cookies that holds none: the library's is readable by scripts and outlives a sign-out; ours is set by our own route."""

    def get_cookie(self) -> None:
        """Return no cookie."""
        return None

    def set_cookie(self) -> None:
        """Set no cookie."""
        return None


class OurForm(stauth.Authenticate):
    """The library's form with our check, without its cookie and the script that sets it."""

    def __init__(self) -> None:
        self.api_key, self.path, self.secret_key = None, None, _KEY
        self.attrs = {"login_sleep_time": 0}
        self.cookie_controller = NoCookie()
        self.authentication_controller = AuthenticationController({"usernames": {}}, None, False, None, None, _KEY, None)
        self.authentication_controller.authentication_model = OurCheck({"usernames": {}}, auto_hash=False)


def sign_in() -> None:
    """Draw the page of everybody who is not signed in: the sign-in, or what a link in the address leads to.

    The rest of the address is kept, so that a deep link survives the sign-in.
    """
    with st.container(horizontal_alignment="center"), st.container(width=400, key="sign-in"):
        st.html(_STYLE)
        _head()
        if (error := st.query_params.get("said", "")) in ADDRESS_ERRORS:
            st.error(t(f"errors.{error}"), icon=":material/error:")
        if step := st.query_params.get("step", ""):
            proceed_from_provider(step)
        if second_step():
            return
        if reset := st.query_params.get("reset", ""):
            reset_page(reset)
            return
        token = st.query_params.get("first", "")
        if token:
            _first_owner(token)
            return
        if join := st.query_params.get("join", ""):
            join_page(join)
            return
        if invitation := st.query_params.get("invitation", ""):
            invited_page(invitation)
            return
        if forgotten():
            return
        if nobody_may_enter():
            _not_set_up()
            return
        _ways_in()
        forgotten_button()
        _sample_sign_ins()


def _head() -> None:
    """Draw whose sign-in this is: the firm's logo and name above the program's, or the program's alone."""
    with reader(Viewer.system("sign-in page")) as r:
        firm = r.row(DETAILS)
    if firm is None:
        st.html(f'<h1 class="kb-brand">{t("common.app")}</h1>')
        return
    logo = firm_logo(firm["version"], 72) if firm["has_logo"] else ""
    st.html(f'{logo}<h1 class="kb-brand">{esc(firm["name"])}</h1><p class="kb-line">{t("common.app")}</p>')


def _ways_in() -> None:
    """Draw the link to the identity provider where there is one, and the password form; clients always use the form."""
    if not SETTINGS.has_provider:
        _form()
        return
    provider()
    if password_sign_in_allowed():
        _form()
        return
    with st.expander(t("sign_in.contacts")):
        _form()


def _not_set_up() -> None:
    """Say where the link is that sets this installation up: only whoever runs the server may have it."""
    st.markdown(f"**{t('sign_in.not_set_up')}**")
    st.info(t("sign_in.not_set_up_where"), icon=":material/key:")
    st.html(plain_paragraph(t("sign_in.not_set_up_how", link=f"{base_url(SETTINGS)}/?first=…")))


def _form() -> None:
    authenticator, state = OurForm(), ui_state().sign_in
    fields = {"Form name": t("sign_in.title"), "Username": t("sign_in.email"), "Password": t("sign_in.password"), "Login": t("sign_in.go")}
    try:
        authenticator.login(fields=fields, key="sign-in-form")
    except stauth.LoginError:
        state.problem = t("sign_in.wrong")
    found, problem = state.begun, state.problem
    state.begun, state.problem = None, None
    if found is not None:
        proceed(found)
    elif problem:
        st.error(problem, icon=":material/error:")


def _sample_sign_ins() -> None:
    with reader(Viewer.system("sign-in page")) as r:
        if not r.value("SELECT is_sample FROM firm LIMIT 1"):
            return
    file = read_settings().data / "sample-sign-ins.json"
    if not file.exists():
        return
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{t('sign_in.sample')}**")
        st.caption(t("sign_in.sample_hint"))
        for place, entry in enumerate(json.loads(file.read_text("utf-8"))):
            label = entry["label_de" if language() == "de" else "label_en"]
            if st.button(md(label), key=f"sample-{place}", width="stretch"):
                begun = begin_sign_in(entry["email"], entry["password"], network_address())
                if begun is not None:
                    proceed(begun)


def _first_owner(token: str) -> None:
    if not is_first_owner_link(token):
        show_dead_link("first_link_used" if is_set_up() else "link_worthless")
        return
    firm = firm_name()
    st.markdown(f"**{t('sign_in.first_title')}**")
    st.caption(t("sign_in.first_hint"))
    with st.form("first-owner", enter_to_submit=False):
        state = ui_state().sign_in
        problems, state.first_owner_problems = state.first_owner_problems, {}
        values = {}
        asked = ("firm", "name", "email", "password")
        for field in asked[1:] if firm else asked:
            kind: Literal["default", "password"] = "password" if field == "password" else "default"
            values[field] = st.text_input(t(f"sign_in.{field}"), type=kind, key=f"first-{field}", autocomplete=_AUTOCOMPLETE[field])
            if field == "password":
                st.caption(t("sign_in.password_hint"))
            if field in problems:
                st.caption(f":red[{md(problems[field])}]")
        labels = {key: label for key, label, *_ in STARTER}
        fields = st.multiselect(t("sign_in.fields"), list(labels), default=list(labels), format_func=named(labels), key="first-fields")
        if not st.form_submit_button(t("sign_in.first_go"), type="primary"):
            return
    try:
        begun = make_first_owner(token, **({"firm": ""} | values))
    except ValidationFailed as failed:
        state.first_owner_problems = sentences(failed)
        st.rerun()
    except AppError as problem:
        st.error(sentence(problem))
    else:
        add_starter_fields(begun.viewer, fields)
        proceed(begun)
