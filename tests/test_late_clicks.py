"""What a browser still sends of an input or a table that is gone: Streamlit hands it on as a change, and nothing may come of it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def late_filter() -> None:
    import streamlit as st

    from core.clients.list_conditions import Condition
    from core.ui.clients import accounts_filters as filters
    from core.ui.clients.list_state import want_condition

    want_condition("kind", Condition("kind", "is", ("company",)))
    gone = filters._key("kind")
    st.session_state[gone] = ["company"]
    want_condition("kind", None)
    filters._take("kind", gone)
    now = filters._key("state")
    st.session_state[now] = ["active"]
    filters._take("state", now)


def test_a_filter_taken_off_does_not_come_back():
    at = AppTest.from_function(late_filter, default_timeout=60).run()
    wanted = at.session_state["ui"].accounts
    assert {key: one.values for key, one in wanted.conditions.items()} == {"state": ("active",)}


def late_row() -> None:
    import streamlit as st

    from core.ui.parts.table_clicks import key_of, label_of, pressed_key, row_pressed

    def press(key: str, ids: tuple, labels: tuple, row: int, label: str) -> list[int]:
        opened: list[int] = []
        st.session_state[pressed_key(key)] = {"row": row, "label": label}
        row_pressed(key, ids, labels, opened.append, ())
        return opened

    found = st.session_state["found"] = {}
    before = key_of("rows-notes", (7, (1, 2)))
    now = key_of("rows-notes", (8, (3, 4)))
    found["client before"] = press(before, (1, 2), ("a", "b"), 0, "a")
    found["now"] = press(now, (3, 4), ("c", "d"), 1, "d")
    found["drawn again"] = key_of("rows-notes", (8, (3, 4))) == now
    found["other words"] = press(now, (3, 4), ("c", "d"), 1, "c")
    found["no such row"] = press(now, (3, 4), ("c", "d"), 2, "d") + press(now, (3, 4), ("c", "d"), -1, "d")
    newer = key_of("rows-notes", (8, (5, 3, 4)))
    found["a row above"] = press(now, (3, 4), ("c", "d"), 0, "c") + press(newer, (5, 3, 4), ("n", "c", "d"), 2, "d")
    found["labels"] = [label_of(text) for text in (None, " ", "Bescheid", "[1] Anlage", ":material/delete: x")]


def test_only_the_row_that_was_pressed_opens():
    at = AppTest.from_function(late_row, default_timeout=60).run()
    assert not at.exception
    found = at.session_state["found"]
    assert found["client before"] == found["other words"] == found["no such row"] == []
    assert found["now"] == [4] and found["drawn again"]
    assert found["a row above"] == [4], "what was pressed before a row came above it opens nothing, what is pressed after it opens itself"
    assert found["labels"] == ["–", "–", "Bescheid", "\u2060[1] Anlage", "\u2060:material/delete: x"]


def late_head() -> None:
    from types import SimpleNamespace

    import streamlit as st

    from core.ui.parts.table_clicks import head_pressed, key_of

    pressed = st.session_state["pressed"] = []

    def press(key: str) -> None:
        st.session_state[key] = SimpleNamespace(selection=SimpleNamespace(columns=["name"]))
        head_pressed(key, pressed.append)

    gone, now = key_of("accounts-rows", (1,)), key_of("accounts-rows", (2,))
    press(gone)
    press(now)
    st.session_state["anew"] = key_of("accounts-rows", (2,)) != now


def test_a_head_counts_where_it_stands_and_can_be_pressed_again():
    at = AppTest.from_function(late_head, default_timeout=60).run()
    assert (at.session_state["pressed"], at.session_state["anew"]) == (["name"], True)
