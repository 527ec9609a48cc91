"""*Seit Ihrem letzten Blick*: one quiet line above the cards about what others did since the person's last visit; nothing when nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.activity.silence import silence_of
from core.audit.last_look import RECORD, News, news_since
from core.clients.recent_accounts import all_seen
from core.i18n import t
from core.i18n.formats import ago, number, today
from core.store import changes_of, now
from core.ui.overview.full_list import open_list
from core.ui.parts.escape import md
from core.ui.parts.navigate import open_account_next
from core.ui.state.ui_state import ui_state

# After so long the kinds are not told apart any more.
LONG = timedelta(days=90)


def last_look_line(account: OpenAccount) -> None:
    """Draw what others did since the visit before this one; each part leads to what changed."""
    since = ui_state().last_look.get(account.account_id)
    if since is None:
        return
    news = _news(account, since)
    if not news.things:
        return
    is_long = now() - since > LONG
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="last-look"):
        st.caption(t("last_look.long") if is_long else md(t("last_look.since", when=ago(since))), width="content")
        for key, n in ((RECORD, news.total),) if is_long else news.things:
            words = "last_look.changes" if is_long else f"last_look.kinds.{key}"
            st.button(
                md(t(words, n=n if n == 1 else number(n))),
                key=f"last-look-{key}",
                type="tertiary",
                on_click=_lead,
                args=(account.account_id, key),
            )
        if account.viewer.by is None:
            st.button(
                t("last_look.seen"), key="last-look-seen", type="tertiary", icon=":material/done:", help=t("last_look.seen_help"),
                on_click=_seen, args=(account,),
            )  # fmt: skip


def silence_line(account: OpenAccount) -> None:
    """Say in one sentence that the client has been silent for longer than is usual; nothing when it is not."""
    state = ui_state()
    about = account.viewer, account.account_id, today(), changes_of(account.account_id)
    if state.silence is None or state.silence[0] != about:
        state.silence = about, silence_of(account)
    if (found := state.silence[1]) is not None:
        words = t(f"silence.sentence_{found['silence']}", days=number(found["days"]), usual=number(found["usual_days"]))
        st.caption(f":material/bedtime: {md(words)}", width="content")


def _news(account: OpenAccount, since: datetime) -> News:
    """Return the news, read anew only once something of the account changed."""
    state = ui_state()
    about = account.viewer, rights_of(account.viewer), account.account_id, since, changes_of(account.account_id)
    if state.news is None or state.news[0] != about:
        state.news = about, news_since(account, since)
    return state.news[1]


def _lead(account_id: int, key: str) -> None:
    if key == RECORD:
        open_account_next(account_id, "info")
    else:
        open_list(key)


def _seen(account: OpenAccount) -> None:
    all_seen(account)
    ui_state().last_look[account.account_id] = now()
