"""The page of a long list: kept while one visits a client, and another one where it is no longer there."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def shrunken() -> None:
    from types import SimpleNamespace

    import streamlit as st

    from core.ui.parts.pagination import page_read, pages_of

    total = st.session_state.get("total", 120)

    def read(offset: int, limit: int) -> SimpleNamespace:
        return SimpleNamespace(rows=list(range(total))[offset : offset + limit], total=total)

    part = page_read("page", read)
    st.session_state["seen"] = part.rows
    st.pagination(pages_of(part.total), key="page")


def test_the_last_page_stands_in_for_one_that_is_gone():
    at = AppTest.from_function(shrunken, default_timeout=60)
    at.session_state["page"] = 3
    at.run()
    assert at.session_state["seen"] == list(range(100, 120))
    at.session_state["total"] = 80
    at.run()
    assert (at.session_state["seen"], at.session_state["page"]) == (list(range(50, 80)), 2)
    at.session_state["total"] = 0
    at.run()
    assert at.session_state["seen"] == []
    assert not at.exception


def visited() -> None:
    import streamlit as st

    from core.ui.parts.pagination import stay_at

    if st.session_state["where"] == "client":
        st.write("…")
    else:
        key = f"page-{st.session_state['where']}"
        stay_at(key, "kept")
        st.session_state["read"] = st.session_state.get(key, 1)
        st.pagination(4, key=key)


def test_a_list_is_at_the_page_it_was_left_at():
    at = AppTest.from_function(visited, default_timeout=60)

    def seen(where: str) -> int:
        at.session_state["where"] = where
        at.run()
        assert not at.exception
        return at.session_state["read"]

    assert seen("all") == 1
    at.session_state["page-all"] = 3
    assert seen("all") == 3
    seen("client")
    assert seen("all") == 3
    assert seen("some") == 1
    assert seen("all") == 1
