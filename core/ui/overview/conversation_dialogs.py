"""Conversations: mails stand at the one that was opened, chats at their newest message; earlier and later ones are a button away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.access.open_account import OpenAccount
from core.i18n import t
from core.i18n.formats import moment, number
from core.overview import details
from core.store import Row
from core.ui.overview.detail_dialog import detail_dialog
from core.ui.parts.escape import md
from core.ui.state.open_form import ListState

MAILS_PER_PAGE = 20
# So many mails before the one that was opened stand above it, folded.
MAILS_BEFORE = 3
MESSAGES_PER_PAGE = 30
# The height of a chat, which scrolls to its end by itself.
CHAT_PX = 460


@dataclass(slots=True)
class Window:
    """Which part of a conversation is shown: the places of its first and last message."""

    first: int
    last: int

    def move(self, steps: int) -> None:
        """Show what lies so many places later, or earlier."""
        self.first, self.last = self.first + steps, self.last + steps


def open_email(account: OpenAccount, email_id: int, back: ListState | None) -> None:
    """Open the conversation of a mail with this mail on top, and mark it as read. Raises NotFound."""
    window = Window(-MAILS_BEFORE, MAILS_PER_PAGE - MAILS_BEFORE - 1)

    def read() -> list[Row]:
        return details.email_thread(account, email_id, window.first, window.last)

    subject = next((mail["subject"] for mail in read() if mail["is_asked"]), "")
    details.mark_email_read(account, email_id)
    detail_dialog(md(subject or t("widgets.open.no_subject")), back, read, partial(_draw_mails, window))


def _draw_mails(window: Window, mails: list[Row]) -> None:
    first, last, total = mails[0]["place"], mails[-1]["place"], mails[0]["total"]
    _turn("older", first - 1, window, -MAILS_PER_PAGE)
    if last - first + 1 < total:
        st.caption(t("widgets.open.mails_shown", first=number(first), last=number(last), total=number(total)))
    asked = next((mail["place"] for mail in mails if mail["is_asked"]), 0)
    for mail in mails:
        received = mail["direction"] == "received"
        who = mail["from_address"] if received else mail["to_address"]
        line = t("widgets.open.received" if received else "widgets.open.sent", who=who)
        said = f"{md(line)} · {moment(mail['sent_at'])}"
        if mail["place"] < asked:
            with st.expander(said):
                st.text(mail["body"] or "")
            continue
        with st.container(border=True, gap="xsmall", key=f"mail-{mail['email_id']}"):
            st.caption(f"**{said}**" if mail["is_asked"] and total > 1 else said)
            if mail["cc_address"]:
                st.caption(md(t("widgets.open.copy_to", who=mail["cc_address"])))
            st.text(mail["body"] or "")
    _turn("newer", total - last, window, MAILS_PER_PAGE)


def _turn(way: str, left: int, window: Window, steps: int) -> None:
    """Draw the button to what is left that way, where anything is."""
    if left > 0:
        icon = ":material/arrow_upward:" if way == "older" else ":material/arrow_downward:"
        st.button(
            t(f"widgets.open.{way}", left=number(left)), key=f"turn-{way}", icon=icon, type="tertiary", on_click=window.move, args=(steps,)
        )


def open_chat(account: OpenAccount, chat_id: int, back: ListState | None) -> None:
    """Open a chat at its newest message and mark it as read. Raises NotFound."""
    chat = details.chat(account, chat_id)
    details.mark_chat_read(account, chat_id)
    window = Window(chat["message_count"] - MESSAGES_PER_PAGE + 1, chat["message_count"])

    def read() -> tuple[Row, list[Row]]:
        return details.chat(account, chat_id), details.chat_messages(account, chat_id, window.first, window.last)

    detail_dialog(md(chat["subject"]), back, read, partial(_draw_messages, window))


def _draw_messages(window: Window, found: tuple[Row, list[Row]]) -> None:
    chat, messages = found
    _turn("older", window.first - 1, window, -MESSAGES_PER_PAGE)
    with st.container(height=CHAT_PX if len(messages) > 3 else "content", border=False, autoscroll=True, key=f"chat-{window.last}"):
        for message in messages:
            icon = ":material/person:" if message["is_from_client"] else ":material/business_center:"
            with st.chat_message("client" if message["is_from_client"] else "firm", avatar=icon):
                st.caption(f"{md(message['by_name'] or '')} · {moment(message['sent_at'])}")
                st.text(message["text"])
    _turn("newer", chat["message_count"] - window.last, window, MESSAGES_PER_PAGE)
