"""*Still geworden*: clients of whom nothing has come for longer than is usual for them; a name opens the client."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from core.i18n import t
from core.i18n.formats import day, local, number
from core.store import Row
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.escape import esc
from core.ui.parts.navigate import open_account_next
from core.ui.parts.table_clicks import key_of, label_of, opening_column

MAX_ROWS_HIGH = 6


def silent_card(rows: Sequence[Row]) -> None:
    """Draw the card; nothing where nobody is silent."""
    if not rows:
        return
    with st.container(gap=None, key="card-today-silent"):
        badge = f'<span class="kb-badge kb-badge-gray">{number(rows[0]["total"])}</span>'
        note = f'<span class="kb-tile">{esc(t("silence.note"))}</span>'
        st.html(f'<div class="kb-head"><h2>{esc(t("silence.title"))}</h2>{badge}{note}</div>')
        labels = tuple(label_of(row["client"]) for row in rows)
        ids = tuple(row["account_id"] for row in rows)
        key = key_of("today-silent", ids)
        table = {
            "client": labels,
            "since": [day(local(row["last_client_at"]).date()) for row in rows],
            "days": [t("silence.days", n=row["days"]) for row in rows],
            "usual": [t("silence.usual_days", n=row["usual_days"]) for row in rows],
            "mark": [t(f"accounts.silence_is.{row['silence']}") for row in rows],
        }
        st.dataframe(
            pa.table({name: pa.array(texts, pa.string()) for name, texts in table.items()}),
            column_config={
                "client": opening_column(t("today.col.client"), key, ids, labels, open_account_next),
                **{name: st.column_config.TextColumn(t(f"silence.col.{name}")) for name in ("since", "days", "usual", "mark")},
            },
            hide_index=True, row_height=ROW_PX, height=table_height(len(rows), MAX_ROWS_HIGH), placeholder="", alt=t("silence.title"), key=key,
        )  # fmt: skip
