"""*Seit Ihrem letzten Blick*: one quiet line above the cards about what others did since the person's last visit; nothing when nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.activity.silence import silence_of
from core.audit.account_history import HistoryQuery, read_history
from core.audit.last_look import RECORD, News, news_since
from core.clients.accounts import choices
from core.clients.recent_accounts import all_seen
from core.i18n import t
from core.i18n.formats import ago, moment, number, today
from core.store import Row, changes_of, now
from core.ui.info.history_acts import TECHNICAL, acts_of, sentence_of
from core.ui.info.history_words import change_words, who_word
from core.ui.overview.full_list import open_list
from core.ui.parts.escape import md
from core.ui.parts.navigate import open_account_next
from core.ui.state.ui_state import HistorySince, ui_state

# So much of who did what stands in the line; in what a press shows, so many acts, each with so many entries, of so many that are read.
MAX_TOLD_CHARS, MAX_ACTS, MAX_ENTRIES, MAX_READ = 60, 12, 6, 100
# After so long the kinds are not told apart any more.
LONG = timedelta(days=90)


def last_look_line(account: OpenAccount) -> None:
    """Draw what others did since the visit before this one; each part leads to what changed."""
    since = ui_state().last_look.get(account.account_id)
    if since is None:
        return
    news, details = _news(account, since)
    if not news.things:
        return
    is_long = now() - since > LONG
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="last-look"):
        st.caption(t("last_look.long") if is_long else md(t("last_look.since", when=ago(since))), width="content")
        for key, n in ((RECORD, news.total),) if is_long else news.things:
            words = t("last_look.changes" if is_long else f"last_look.kinds.{key}", n=n if n == 1 else number(n))
            if key == RECORD and details and not is_long:
                words = _told(details)
            st.button(
                md(words),
                key=f"last-look-{key}",
                type="tertiary",
                help=t("last_look.lead_help") if key == RECORD else None,
                on_click=_lead,
                args=(account.account_id, key, since, not is_long),
            )
        if details and not is_long:
            _who_did_what(account, details)
        if account.viewer.by is None:
            st.button(
                t("last_look.seen"), key="last-look-seen", type="tertiary", icon=":material/done:", help=t("last_look.seen_help"),
                on_click=_seen, args=(account,),
            )  # fmt: skip


def _told(details: Sequence[Row]) -> str:
    """Return in a few words who changed what last, and how much else there is: *Jana Brandt · Kunde: Name geändert, und 2 weitere*."""
    acts = acts_of(details)
    what = textwrap.shorten(sentence_of(acts[0]), MAX_TOLD_CHARS, placeholder=" …")
    one = t("last_look.who_what", who=textwrap.shorten(who_word(acts[0][0]), MAX_TOLD_CHARS, placeholder=" …"), what=what)
    return t("last_look.and_more", one=one, n=len(acts) - 1) if len(acts) > 1 else one


def _who_did_what(account: OpenAccount, details: Sequence[Row]) -> None:
    """Draw, once it is pressed, each act with who did it, when, and what stood there before and after."""
    with st.popover(t("last_look.details"), type="tertiary", key="last-look-details", on_change="rerun") as more:
        if not more.open:
            return
        _, team = choices(account.viewer)
        for act in acts_of(details)[:MAX_ACTS]:
            st.caption(md(f"{who_word(act[0])} · {moment(act[0]['made_at'])}"))
            told = [row for row in act if (row["entity"], row["field"]) not in TECHNICAL] or act
            for row in told[:MAX_ENTRIES]:
                st.markdown(md(change_words(row, team)))
            if len(told) > MAX_ENTRIES:
                st.caption(t("last_look.further", n=len(told) - MAX_ENTRIES))


def silence_line(account: OpenAccount) -> None:
    """Say in one sentence that the client has been silent for longer than is usual; nothing when it is not."""
    state = ui_state()
    about = account.viewer, account.account_id, today(), changes_of(account.account_id)
    if state.silence is None or state.silence[0] != about:
        state.silence = about, silence_of(account)
    if (found := state.silence[1]) is not None:
        words = t(f"silence.sentence_{found['silence']}", days=number(found["days"]), usual=number(found["usual_days"]))
        st.caption(f":material/bedtime: {md(words)}", width="content")


def _news(account: OpenAccount, since: datetime) -> tuple[News, list[Row]]:
    """Return the news and the last entries of details and access; read anew only once something of the account changed."""
    state = ui_state()
    about = account.viewer, rights_of(account.viewer), account.account_id, since, changes_of(account.account_id)
    if state.news is None or state.news[0] != about:
        news = news_since(account, since)
        is_told = RECORD in dict(news.things)
        details = read_history(account, HistoryQuery(since=since, of_details=True), limit=MAX_READ) if is_told else []
        state.news = about, news, details
    return state.news[1:]


def _lead(account_id: int, key: str, since: datetime, of_details: bool) -> None:
    if key == RECORD:
        ui_state().history_since = HistorySince(account_id, since, of_details)
        st.session_state["info-view"] = "history"
        open_account_next(account_id, "info")
    else:
        open_list(key)


def _seen(account: OpenAccount) -> None:
    all_seen(account)
    ui_state().last_look[account.account_id] = now()
