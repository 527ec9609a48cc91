"""*Auffällige Anmeldungen*: sign-ins at clients that look odd, a name opens the client's sign-ins; and the viewer's own odd session."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from core.activity.odd_sign_ins import SHOWN_FOR
from core.base.rights import Viewer
from core.i18n import t
from core.i18n.devices import device
from core.i18n.formats import ago, number
from core.identity.sessions import own_new_system
from core.store import Row
from core.ui.overview.full_list import open_list
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.escape import esc, md
from core.ui.parts.navigate import PAGES, open_account_next
from core.ui.parts.short_words import short_moment
from core.ui.parts.table_clicks import key_of, label_of, opening_column
from core.ui.parts.viewer import SETTINGS, token_hash

MAX_ROWS_HIGH = 6


def odd_card(rows: Sequence[Row]) -> None:
    """Draw the card; nothing where nothing is odd."""
    if not rows:
        return
    with st.container(gap=None, key="card-today-odd"):
        badge = f'<span class="kb-badge kb-badge-gray">{number(rows[0]["total"])}</span>'
        note = f'<span class="kb-tile">{esc(t("today.odd.note", days=SHOWN_FOR.days))}</span>'
        st.html(f'<div class="kb-head"><h2>{esc(t("today.odd.title"))}</h2>{badge}{note}</div>')
        labels = tuple(label_of(row["client"]) for row in rows)
        ids = tuple(row["account_id"] for row in rows)
        key = key_of("today-odd", tuple(row["login_id"] for row in rows))
        table = {
            "client": labels,
            "who": [" ".join(row["who"].split()) for row in rows],
            "why": [t(f"today.odd.is.{row['odd']}") for row in rows],
            "device": [device(row["device"]) for row in rows],
            "when": [short_moment(row["tried_at"], with_time=True) for row in rows],
        }
        st.dataframe(
            pa.table({name: pa.array(texts, pa.string()) for name, texts in table.items()}),
            column_config={
                "client": opening_column(t("today.col.client"), key, ids, labels, _open),
                **{name: st.column_config.TextColumn(t(f"today.odd.col.{name}")) for name in ("who", "why", "device", "when")},
            },
            hide_index=True, row_height=ROW_PX, height=table_height(len(rows), MAX_ROWS_HIGH), placeholder="", alt=t("today.odd.title"), key=key,
        )  # fmt: skip


def own_odd_session(viewer: Viewer) -> None:
    """Draw the way to one's own sessions where one of them began on a system one had never used."""
    if (found := own_new_system(viewer, token_hash(), SETTINGS)) is None:
        return
    words = t("today.odd.own", device=device(found["user_agent"]), when=ago(found["created_at"]))
    if st.button(md(words), key="today-odd-session", type="tertiary", icon=":material/devices:", help=t("today.odd.own_help")):
        st.switch_page(PAGES["profile"])


def _open(account_id: int) -> None:
    """Show the client's sign-ins with the next run."""
    open_list("login_activity")
    open_account_next(account_id)
