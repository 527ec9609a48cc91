"""*Wer sieht diesen Kunden?*: everybody's reason to see it, a role, a right or an assignment."""

from __future__ import annotations

import streamlit as st

from core.access.explanation import AccessReason, who_sees
from core.access.open_account import OpenAccount
from core.i18n import t
from core.i18n.formats import day, local
from core.ui.parts.escape import esc


def who_sees_card(account: OpenAccount) -> None:
    """Draw the reasons behind a button, so that the record is read only when somebody wants to know."""
    with st.popover(t("team.why"), icon=":material/visibility:", type="tertiary", key="who-sees", on_change="rerun") as more:
        if not more.open:
            return
        lines = "".join(f"<dt>{esc(who.name)}</dt><dd>{esc(reason_words(who))}</dd>" for who in who_sees(account))
        st.html(f'<dl class="kb-facts">{lines}</dl>')


def reason_words(who: AccessReason) -> str:
    """Return why somebody sees the client, as sentences; an assignment is named even where a role or a right is enough."""
    words = []
    if who.through == "role":
        words.append(t("team.because_role", role=t(f"team.roles.{who.role}")))
    elif who.through == "right":
        words.append(t("team.because_right", right=t("team.right.view_all_accounts.name")))
    if who.since is not None:
        since = day(local(who.since).date())
        by = who.by or (t(f"history.way.{who.way}") if who.way else "")
        words.append(t("team.because_assigned_by", day=since, by=by) if by else t("team.because_assigned", day=since))
    return " ".join(words)
