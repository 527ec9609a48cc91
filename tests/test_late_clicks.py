"""What a browser still sends of an input or a table that is gone: Streamlit hands it on as a change, and nothing may come of it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def late_filter() -> None:
    import streamlit as st

    from core.ui import accounts_filters as filters

    filters.keep({"only-kinds": ["company"]})
    gone = filters._key("only-kinds")
    st.session_state[gone] = ["company"]
    filters.keep({"only-kinds": []})
    filters._take("only-kinds", gone)
    now = filters._key("only-states")
    st.session_state[now] = ["active"]
    filters._take("only-states", now)


def test_a_filter_taken_off_does_not_come_back():
    at = AppTest.from_function(late_filter).run()
    assert (at.session_state["only-kinds"], at.session_state["only-states"]) == ([], ["active"])


def late_row() -> None:
    from types import SimpleNamespace

    import streamlit as st

    from core.ui.table_clicks import clicked, key_of, turn_at

    def click() -> None:
        st.session_state[key] = SimpleNamespace(selection=SimpleNamespace(cells=[(0, "Name")], columns=[]))
        clicked(key, st.session_state["rows"].append, lambda column: None)

    st.session_state["rows"] = []
    turn_at(7)
    key = key_of("rows-notes")
    turn_at(8)
    click()
    st.session_state["late"] = list(st.session_state["rows"])
    key = key_of("rows-notes")
    click()


def test_a_row_of_the_client_before_opens_nothing():
    at = AppTest.from_function(late_row).run()
    assert (at.session_state["late"], at.session_state["rows"]) == ([], [0])
