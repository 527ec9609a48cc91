"""*Heute*: tiles, and cards in pairs; a row opens the client at the thing that waits."""

from __future__ import annotations

import streamlit as st

from core.access.verbs import rights_of
from core.activity.odd_sign_ins import odd_sign_ins
from core.activity.silence import gone_silent
from core.activity.today import CARDS, MAX_ROWS, Card, Today, Waiting, last_import, read_today
from core.base.rights import Right, Viewer
from core.clients.contact_emails import odd_access_count
from core.i18n import t
from core.i18n.formats import moment, number, today, weekday_and_day
from core.overview.data_age import Age, data_ages
from core.ui.overview.set_aside_form import aside_dialog, aside_done
from core.ui.parts.age_mark import age_mark
from core.ui.parts.empty import empty_state
from core.ui.parts.escape import esc, md
from core.ui.parts.navigate import PAGES
from core.ui.parts.short_words import whole_attribute
from core.ui.state.ui_state import ui_state
from core.ui.today.odd_card import odd_card, own_odd_session
from core.ui.today.silent_card import silent_card
from core.ui.today.waiting_table import waiting_table, whole_of

# Rows of a card before *Alle* is pressed.
ROWS_ON_CARD = 6
# The colour of each number on top: red what is late, orange what is ours to do, blue what is with the client.
_COLORS = {
    "overdue": "red", "due_today": "orange", "chats": "orange", "documents": "orange", "emails": "orange", "invoices": "red", "signing": "blue",
}  # fmt: skip
# Tables whose age a card tells.
_TABLES: dict[Card, str] = {
    "tasks": "task", "chats": "chat", "documents": "document", "emails": "email", "signing": "signature", "organizers": "organizer",
    "invoices": "invoice",
}  # fmt: skip
# Cards whose number is drawn as one that presses.
_PRESSING = frozenset({"tasks", "invoices"})


def today_page(viewer: Viewer) -> None:
    """Draw the page for the viewer's own clients, or for all they see."""
    found = read_today(viewer, ui_state().today_of_everybody)
    with st.container(horizontal=True, vertical_alignment="center", key="today-head"):
        st.header(t("today.title"), anchor=False, width="content")
        st.caption(weekday_and_day(today()), width="stretch")
        _whose(found.of_everybody)
    aside_done(viewer)
    if any(waiting.total for waiting in found.cards.values()):
        _tiles(found)
        _cards(found, data_ages(viewer))
    else:
        empty_state("done_all", t("today.nothing_all" if found.of_everybody else "today.nothing_mine"))
    silent_card(gone_silent(viewer, of_everybody=found.of_everybody))
    if Right.MANAGE_ACCOUNTS in rights_of(viewer):
        odd_card(odd_sign_ins(viewer, of_everybody=found.of_everybody))
    if found.dormant:
        st.caption(t("today.dormant", n=found.dormant))
    if Right.MANAGE_ACCOUNTS in rights_of(viewer) and (odd := odd_access_count(viewer)):
        _odd_access(odd)
    own_odd_session(viewer)
    if (imported := last_import(viewer)) is not None:
        st.caption(t("today.imported", when=moment(imported)))
    aside_dialog(viewer)


def _odd_access(n: int) -> None:
    """Draw the way to what is odd about clients' access."""
    words = t("today.odd_access", n=n if n == 1 else number(n))
    if st.button(md(words), key="today-odd-access", type="tertiary", icon=":material/key:"):
        st.session_state["matrix-odd"] = True
        st.switch_page(PAGES["access"])


def _whose(of_everybody: bool) -> None:
    """Draw the switch between the viewer's own and everything they see."""
    st.segmented_control(
        t("today.whose"),
        ["mine", "all"],
        default="all" if of_everybody else "mine",
        format_func=lambda code: t(f"today.{code}"),
        required=True,
        label_visibility="collapsed",
        help=t("today.mine_help"),
        key="today-whose",
        on_change=_choose_whose,
    )


def _choose_whose() -> None:
    ui_state().today_of_everybody = st.session_state["today-whose"] == "all"


def _tiles(found: Today) -> None:
    """Draw six numbers; who may not see invoices has what is with the client in their place."""
    cards = found.cards
    values = {
        "overdue": cards["tasks"].overdue, "due_today": cards["tasks"].due_today, "chats": cards["chats"].items,
        "documents": cards["documents"].items, "emails": cards["emails"].items,
    }  # fmt: skip
    last: Card = "invoices" if "invoices" in cards else "signing"
    with st.grid(6, min_column_width=112, gap=None, key="tiles"):
        for key, value in (values | {last: cards[last].items}).items():
            with st.container(gap=None, key=f"tile-today-{key}"):
                st.metric(t(f"today.tile.{key}"), f":{_COLORS[key] if value else 'gray'}[{number(value)}]", label_visibility="collapsed")
                st.html(f'<p class="kb-label">{esc(t(f"today.tile.{key}"))}</p>')


def _cards(found: Today, ages: dict[str, Age]) -> None:
    """Draw the cards in pairs; each keeps its place whatever waits, and on a phone they follow each other in page order."""
    for pair in (CARDS[start : start + 2] for start in range(0, len(CARDS), 2)):
        columns = st.columns(2, gap="medium")
        for place, card in zip(columns, pair, strict=False):
            if card in found.cards:
                with place, st.container(gap=None, key=f"card-today-{card}"):
                    _card(card, found.cards[card], ages.get(_TABLES[card]))


def _card(card: Card, waiting: Waiting, age: Age | None) -> None:
    state = ui_state()
    is_whole = card in state.today_whole
    rows = waiting.rows if is_whole else waiting.rows[:ROWS_ON_CARD]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"head-today-{card}"):
        color = "red" if card in _PRESSING and waiting.overdue else "gray"
        badge = f'<span class="kb-badge kb-pill kb-{color}">{number(waiting.items)}</span>' if waiting.total else ""
        word = "note" if waiting.total else "empty"
        note = f'<span class="kb-tile">{esc(t(f"today.card.{card}.{word}"))}</span>'
        whole = whole_attribute(whole_of(card, rows))
        st.html(f'<div class="kb-head"{whole}><h2>{esc(t(f"today.card.{card}.title"))}</h2>{badge}{note}{age_mark(age)}</div>')
        if waiting.total > ROWS_ON_CARD:
            st.button(
                t("today.less") if is_whole else t("today.more", total=number(waiting.total)),
                key=f"all-today-{card}",
                type="tertiary",
                icon=":material/unfold_less:" if is_whole else ":material/unfold_more:",
                on_click=_turn_whole,
                args=(card,),
            )
    if not waiting.total:
        return
    waiting_table(card, rows)
    if is_whole and waiting.total > MAX_ROWS:
        st.caption(t("today.first", shown=number(MAX_ROWS), total=number(waiting.total)))


def _turn_whole(card: Card) -> None:
    ui_state().today_whole ^= {card}
