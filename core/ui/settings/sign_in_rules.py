"""A section of the settings: which roles need a second factor, and whether the team may sign in with passwords."""

from __future__ import annotations

import streamlit as st

from core.base.errors import AppError
from core.base.rights import Role, Viewer
from core.i18n import sentence, t
from core.identity.second_factor import needing, set_sign_in_rules
from core.store import Row, reader
from core.ui.parts.escape import plain_paragraph
from core.ui.parts.viewer import SETTINGS
from core.ui.state.ui_state import ui_state


def sign_in_rules(viewer: Viewer) -> None:
    """Draw the section; each switch is saved as it is turned."""
    with reader(viewer) as r:
        firm = r.row("SELECT second_factor_roles, form_for_team, version FROM firm LIMIT 1")
        missing = r.rows(
            "SELECT role, count(*) AS n FROM staff_member WHERE is_active AND staff_member_id NOT IN (SELECT staff_member_id FROM second_factor)"
            " GROUP BY role"
        )
    if firm is None:
        st.info(t("settings.no_firm"), icon=":material/info:")
        return
    without = {row["role"]: row["n"] for row in missing}
    needed = needing(firm["second_factor_roles"])
    st.subheader(t("settings.factor_title"), anchor=False)
    st.caption(t("settings.factor_hint"))
    chosen = set(needed)
    for role in Role:
        label = t(f"settings.factor_{role.value}")
        if n := without.get(role.value, 0):
            label += f" :gray[· {t('settings.factor_without', n=n)}]"
        wanted = st.toggle(label, value=role in needed, key=f"factor-role-{role.value}-{firm['version']}")
        (chosen.add if wanted else chosen.discard)(role)
    form, was = _password_form(firm), firm["form_for_team"] is not False
    if chosen != needed or form != was:
        try:
            set_sign_in_rules(viewer, firm["version"], roles=tuple(chosen), form_for_team=form, issuer=SETTINGS.oidc_issuer)
        except AppError as problem:
            st.error(sentence(problem), icon=":material/error:")
        else:
            ui_state().is_saved = True
            st.rerun()


def _password_form(firm: Row) -> bool:
    """Draw the switch for passwords below the provider that would remain; return how it stands. Without a provider there is no switch."""
    was = firm["form_for_team"] is not False
    st.subheader(t("settings.provider_title"), anchor=False)
    if not SETTINGS.has_provider:
        st.caption(t("settings.provider_none"))
        return was
    st.html(plain_paragraph(t("settings.provider_is", name=SETTINGS.oidc_name, issuer=SETTINGS.oidc_issuer)))
    st.caption(t("settings.form_hint"))
    return st.toggle(t("settings.form"), value=was, key=f"password-form-{firm['version']}")
