"""*Wer sieht diesen Kunden?*: role, right or assignment of everybody, or one's own reason."""

from __future__ import annotations

import streamlit as st

from core.access.explanation import AccessReason, who_sees
from core.access.open_account import OpenAccount
from core.i18n import t
from core.i18n.formats import day, local
from core.ui.parts.escape import esc


def who_sees_card(account: OpenAccount) -> None:
    """Behind a button, so that the record is only asked when somebody wants to know."""
    with st.popover(t("team.why"), icon=":material/visibility:", type="tertiary", key="who-sees", on_change="rerun") as more:
        if not more.open:
            return
        lines = "".join(f"<dt>{esc(one.name)}</dt><dd>{esc(reason(one))}</dd>" for one in who_sees(account))
        st.html(f'<dl class="kb-facts">{lines}</dl>')


def reason(one: AccessReason) -> str:
    """Why, in a sentence; an assignment is told even where the role or a right already gives sight."""
    words = []
    if one.through == "role":
        words.append(t("team.because_role", role=t(f"team.roles.{one.role}")))
    elif one.through == "right":
        words.append(t("team.because_right", right=t("team.right.view_all_accounts.name")))
    if one.since is not None:
        since = day(local(one.since).date())
        by = one.by or (t(f"history.way.{one.way}") if one.way else "")
        words.append(t("team.because_assigned_by", day=since, by=by) if by else t("team.because_assigned", day=since))
    return " ".join(words)
