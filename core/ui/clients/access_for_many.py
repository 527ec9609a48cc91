"""Access and invitations for the clients that are ticked: what would happen per address, then who got what, and the links as one list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from core.access.access_for_many import DOES_SOMETHING, Given, Place, give_access, places_of, rehearse_access
from core.access.contact_access import SWITCHES
from core.access.one_time_links import INVITATION
from core.access.verbs import rights_of
from core.base.config import read_settings
from core.base.rights import Right, Viewer
from core.clients.accounts import AccountQuery
from core.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from core.i18n import language, speaking, t
from core.i18n.formats import day, today
from core.mail.smtp import can_send
from core.ui.clients.bulk_edit import open_many, untick
from core.ui.forms import form_dialog as forms
from core.ui.forms.field_inputs import keep_input
from core.ui.forms.form_dialog import close_form, form
from core.ui.forms.shown_link import link_to, send_link
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.escape import esc
from core.ui.parts.table_clicks import label_of
from core.ui.state.open_form import MadeLink, OpenForm
from core.web.export_downloads import offer

# The table of the rehearsal scrolls beyond so many rows.
ROWS_IN_SIGHT = 9
# What comes first in the rehearsal: what would be done, what is held up, what is there already.
ORDER = ("invited", "invited_again", "granted", "archived", "changed", "gone", "failed", "no_address", "present")
HELD_UP = ("archived", "changed", "gone", "failed")
# Why no mail can be handed over to the server at all.
NO_SERVER = frozenset({"host", "answer", "secure", "sign_in"})


@dataclass(slots=True)
class Rehearsal:
    """What was rehearsed for which inputs, and the links that were made.

    Attributes:
        of: The inputs it was rehearsed for.
        given: What would happen, in the order of the table.
        links: By id of the address, with what came of the mail.
        are_sent: Whether all mails were tried.
    """

    of: object = None
    given: list[Given] = field(default_factory=list)
    links: dict[int, MadeLink] = field(default_factory=dict)
    are_sent: bool = False


def access_button(viewer: Viewer, query: AccountQuery) -> None:
    """Draw the button for access and invitations of the clients that are ticked, or of all that the list shows."""
    if Right.MANAGE_ACCOUNTS in rights_of(viewer):
        st.button(
            t("many.access"), icon=":material/key:", type="tertiary", key="many-access", on_click=open_many,
            args=("many_access", viewer, query),
        )  # fmt: skip


@form("many_access", "many.access_title", "list")
def _access(viewer: Viewer, editing: OpenForm) -> None:
    if editing.is_saved:
        _told(viewer, editing, editing.result)
        return
    own = editing.own(Rehearsal)
    draft = editing.start(lambda: {"switches": ["login"], "every": "primary", "again": False})
    st.caption(t("many.access_hint", n=len(editing.about["ids"])))
    raw: dict[str, Any] = {
        "switches": st.pills(
            t("many.access_switches"), SWITCHES, selection_mode="multi", format_func=lambda code: t(f"info.{code}"),
            key=keep_input(editing.key("switches"), draft["switches"]),
        ),
        "every": st.segmented_control(
            t("many.access_addresses"), ("primary", "every"), format_func=lambda code: t(f"many.addresses_{code}"),
            key=keep_input(editing.key("every"), draft["every"]), required=True,
        ),
        "again": st.toggle(t("many.access_again"), key=keep_input(editing.key("again"), draft["again"])),
    }  # fmt: skip
    changes = editing.record_input(raw)
    switches = tuple(code for code in SWITCHES if code in raw["switches"])
    wanted = (switches, raw["every"], raw["again"])
    if own.of != wanted:
        places = places_of(viewer, editing.about["ids"], every_address=raw["every"] == "every")
        given = rehearse_access(viewer, places, switches, again=raw["again"])
        own.of, own.given = wanted, sorted(given, key=lambda one: (ORDER.index(one.outcome), one.place.account, one.place.account_id))
    chosen = _rehearsed(editing, own.given, str(hash(wanted)))
    st.caption(t("many.access_mail" if can_send(read_settings()) else "many.access_no_mail"))
    call = partial(give_access, viewer, chosen, switches, again=raw["again"])
    forms.buttons(editing, changes, call, quiet=True, new=bool(chosen), done=lambda _: untick(), save="many.access_go")


def _rehearsed(editing: OpenForm, given: Sequence[Given], wanted: str) -> list[Place]:
    """Draw what would happen at each address; return those that are ticked and where something would happen."""
    does = [place for place, one in enumerate(given) if one.outcome in DOES_SOMETHING]
    summary = st.container()
    ticked = does
    if given:
        columns = {
            t("many.client"): [label_of(one.place.account) for one in given],
            t("many.happens"): [_outcome(one) for one in given],
            t("many.contact"): [one.place.who or "" for one in given],
            t("many.address"): [one.place.email or "" for one in given],
        }
        table = st.dataframe(
            pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}),
            hide_index=True,
            row_height=ROW_PX,
            height=table_height(min(len(given), ROWS_IN_SIGHT)),
            key=editing.key(f"rehearsed-{wanted}"),
            on_select="rerun",
            selection_mode="multi-row",
            selection_default={"selection": {"rows": does}},
            alt=t("many.access_title"),
        )
        ticked = [place for place in table.selection.rows if place in set(does)]
    left_out = set(does) - set(ticked)
    summary.html(_counted([one for place, one in enumerate(given) if place not in left_out]))
    return [given[place].place for place in ticked]


def _outcome(one: Given) -> str:
    """Return the words for what happens at an address."""
    return t(f"many.outcome_{one.outcome}") + (f" · {t('many.voids')}" if one.voids and one.outcome == "invited" else "")


def _counted(given: Sequence[Given]) -> str:
    """Return a sentence as HTML for how many get access and a link, have it, have no address, are held up."""
    counts: Counter[str] = Counter(one.outcome for one in given)
    numbers = {
        "gets": sum(counts[code] for code in DOES_SOMETHING),
        "links": len({one.place.contact_email_id for one in given if one.outcome in ("invited", "invited_again")}),
        "present": counts["present"], "no_address": counts["no_address"], "held_up": sum(counts[code] for code in HELD_UP),
    }  # fmt: skip
    said = [t(f"many.counted_{name}", n=n) for name, n in numbers.items() if n or name == "gets"]
    return f'<p class="kb-text"><b>{esc(said[0])}</b>{"".join(f" · {esc(word)}" for word in said[1:])}</p>'


def _told(viewer: Viewer, editing: OpenForm, given: Sequence[Given]) -> None:
    """Send the invitations where mail is set up; then draw what was done, what was not and why, and the links nobody was sent, once."""
    own = editing.own(Rehearsal)
    if not own.are_sent:
        with st.spinner(t("many.sending")):
            _send(viewer, own, given)
    done = sum(1 for one in given if one.outcome in DOES_SOMETHING)
    st.markdown(f"**{t('many.access_done', n=done)}**")
    links = list(own.links.values())
    if sent := sum(1 for link in links if link.mail == "sent"):
        st.success(t("many.sent", n=sent), icon=":material/mail:")
    held_up = [f"{one.place.account} · {one.place.email}: {_outcome(one)}" for one in given if one.outcome in HELD_UP]
    for title, lines in (
        ("many.held_up", held_up),
        ("many.unsent", sorted({link.mail for link in links if link.mail not in ("none", "sent")})),
    ):
        if lines:
            st.warning(t(title, n=len(lines)), icon=":material/error:")
            st.html(f'<ul class="kb-consequences">{"".join(f"<li>{esc(line)}</li>" for line in lines)}</ul>')
    rows = _links(own, given)
    if rows:
        st.caption(t("many.links_once", n=len(rows), day=day(today() + INVITATION.lasts)))
        st.html(_list_of(rows))
    with st.container(horizontal=True, horizontal_alignment="right", key="many-links"):
        if rows:
            st.button(t("many.print"), icon=":material/print:", key="print-links")
            _files(viewer, rows)
        if st.button(t("info.link_done"), type="primary", key=editing.key("done")):
            close_form()
            st.rerun()


def _send(viewer: Viewer, own: Rehearsal, given: Sequence[Given]) -> None:
    """Send each invitation; after the first failure that is the server's, the others are not tried."""
    away = ""
    for one in given:
        if one.token is None or one.place.contact_email_id is None or one.place.contact_email_id in own.links:
            continue
        link = MadeLink(one.token, one.place.email or "", one.place.who or "")
        if away:
            link.mail = away
        elif send_link(viewer, "invitation", "invitation", link) in NO_SERVER:
            away = link.mail
        own.links[one.place.contact_email_id] = link
    own.are_sent = True


def _links(own: Rehearsal, given: Sequence[Given]) -> list[tuple[str, str, str, str]]:
    """Return (holder, address, clients, link) of each invitation that was not sent, by the clients' names."""
    clients: dict[int, list[str]] = {}
    for one in given:
        if one.outcome in DOES_SOMETHING and one.place.contact_email_id is not None:
            clients.setdefault(one.place.contact_email_id, []).append(f"{one.place.account} ({one.place.number})")
    rows = [
        (link.who, link.email, ", ".join(clients.get(number, [])), link_to("invitation", link.token))
        for number, link in own.links.items() if link.mail != "sent"
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row[2], row[0]))


def _list_of(rows: Sequence[tuple[str, str, str, str]]) -> str:
    """Return the links as a table of HTML; printing shows nothing else of the page."""
    lines = "".join(
        f"<tr><td><b>{esc(who)}</b><br>{esc(email)}<br><small>{esc(clients)}</small></td><td><code>{esc(link)}</code></td></tr>"
        for who, email, clients, link in rows
    )
    heads = "".join(f'<th scope="col">{esc(t(f"many.{key}"))}</th>' for key in ("for_whom", "link"))
    return f'<table class="kb-links"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>'


def _files(viewer: Viewer, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Draw the links as files, for those who may take data out."""
    if Right.EXPORT_DATA not in rights_of(viewer):
        return
    for kind, media_type, make in (("csv", CSV_TYPE, to_csv), ("xlsx", XLSX_TYPE, to_xlsx)):
        export_id = offer(viewer, f"{t('many.links_file')}.{kind}", media_type, partial(_bytes, rows, make, language()))
        st.link_button(t(f"widgets.common.{kind}"), f"/export/{export_id}", icon=":material/download:", key=f"export-links-{kind}")


def _bytes(rows: Sequence[tuple[str, str, str, str]], make: Callable[..., bytes], code: str) -> bytes:
    with speaking(code):
        return make([t(f"many.{key}") for key in ("contact", "address", "client", "link")], [list(row) for row in rows], [])
