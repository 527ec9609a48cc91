"""The floor: a bare Streamlit page of thirteen bordered cards, each a metric and a ``st.dataframe`` of constant rows.

``?page=cards`` draws them, with as many columns and rows as the file named by BENCH_CARDS says; anything else is empty.
"""

import json
import os
from pathlib import Path

import pyarrow as pa
import streamlit as st

CARDS = json.loads(Path(os.environ["BENCH_CARDS"]).read_text("utf-8"))

st.set_page_config(layout="wide")
if st.sidebar.button("cards"):
    st.session_state["shown"] = "cards"
if st.sidebar.button("empty"):
    st.session_state["shown"] = "empty"
if st.session_state.get("shown") == "cards":
    columns = st.columns(2)
    for place, card in enumerate(CARDS):
        with columns[place % 2], st.container(border=True):
            st.metric(card["title"], card["rows"])
            if card["rows"]:
                table = pa.table({name: ["Ein Text"] * card["rows"] for name in card["columns"]})
                config = {name: st.column_config.TextColumn(name.capitalize(), width=90) for name in card["columns"]}
                st.dataframe(table, column_config=config, hide_index=True, row_height=28)
st.html('<i id="last"></i>')
