"""The filters of the record: by whom, about which client, of what kind, from and until which day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from core.audit.log import KINDS, AuditQuery, people
from core.audit.openings import OPENING
from core.base.rights import Viewer
from core.clients.search import search
from core.i18n import t
from core.i18n.formats import day_input_format, zone
from core.ui.parts.escape import md


def audit_filters(viewer: Viewer) -> AuditQuery:
    """Draw the filters in a line; return what is wanted."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="audit-filters"):
        members = people(viewer)
        whos = [("staff", number) for number in members] + [("contact", None), ("system", None)]
        who = st.selectbox(
            t("history.who"), whos, index=None, placeholder=t("history.all"), key="audit-who", width=170, persist_state="session",
            format_func=lambda actor: members[actor[1]] if actor[1] in members else t(f"audit.who.{actor[0]}"),
        )  # fmt: skip
        kind = st.selectbox(
            t("audit.kind_label"), (*KINDS, OPENING), index=None, placeholder=t("history.all"), key="audit-kind", width=200, persist_state="session",
            format_func=lambda code: t(f"audit.kind.{code}"),
        )  # fmt: skip
        account_id = _account(viewer)
        since = _day_input("since", t("audit.since"))
        until = _day_input("until", t("audit.until_day"))
    return AuditQuery(who, account_id, kind, _begin(since), _begin(until + timedelta(days=1)) if until else None)


def _day_input(name: str, label: str) -> date | None:
    return st.date_input(
        label, value=None, key=f"audit-{name}", format=day_input_format(), width=130, persist_state="session", min_value=date(2000, 1, 1)
    )


def _begin(day: date | None) -> datetime | None:
    """Return when the day begins in the firm's time zone, in UTC as moments are stored."""
    return None if day is None else datetime.combine(day, time(), zone()).astimezone(UTC).replace(tzinfo=None)


def _account(viewer: Viewer) -> int | None:
    asked = st.text_input(
        t("audit.account"), key="audit-account", placeholder=t("audit.account_hint"), width=190, persist_state="session", max_chars=200
    )
    if not asked:
        return None
    found = {match.account_id: match for match in search(viewer, asked, 12)}
    if not found:
        st.caption(t("audit.no_account"), width="content")
        return -1
    exact = next((match.account_id for match in found.values() if match.number == asked.strip()), None)
    if exact or len(found) == 1:
        chosen = exact or next(iter(found))
        st.caption(md(found[chosen].name), width="content")
        return chosen
    return st.selectbox(
        t("audit.which_account"), list(found), key=f"audit-which-{hash(asked)}", width=220,
        format_func=lambda account_id: f"{found[account_id].name} · {found[account_id].number}",
    )  # fmt: skip
