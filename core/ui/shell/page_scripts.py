"""Start the scripts that listen on the whole page, once per page load, in one component: each component delays the drawing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from core.i18n import language, t, words_of
from core.ui.parts.navigate import PAGES
from core.ui.state.ui_state import ui_state
from core.web.sockets import PAGE_SCRIPTS as KEY

# The files in ``scripts``; the first line of each says what it does. The last six are for team members only.
SCRIPTS = (
    "scheme",
    "ellipsis",
    "press",
    "rows",
    "focus_back",
    "form_keys",
    "whole_text",
    "table_scroll",
    "clean_copy",
    "translator",
    "reconnect",
    "shortcuts",
    "history_steps",
    "invalid_date",
    "downloads",
    "print",
    "narrow",
)
# The text of a form that went with its connection is shown up to this length; nobody types more.
MAX_TEXT_LEFT_CHARS = 20_000


def _together() -> str:
    """Return the scripts as one; each is called when data are given for it (``{}`` for a script that needs none)."""
    each = []
    for name in SCRIPTS:
        text = (Path(__file__).parent / "scripts" / f"{name}.js").read_text("utf-8")
        each.append(f"{name}: (() => {{\n{text.replace('export default function', 'return function')}\n}})(),")
    return f"""const scripts = {{\n{chr(10).join(each)}\n}};
export default function ({{ data, setTriggerValue }}) {{
  for (const [name, own] of Object.entries(data)) scripts[name]({{ data: own, tell: setTriggerValue }});
}}
"""


_component = st.components.v2.component("kundenblick_page", js=_together(), isolate_styles=False)


def page_scripts(*, at_work: bool) -> None:
    """Start the scripts; ``at_work`` for a team member, who has a search and exports."""
    data: dict[str, object] = {
        "scheme": {"paths": _paths()},
        "ellipsis": {},
        "press": {},
        "rows": {},
        "focus_back": {},
        "form_keys": {},
        "whole_text": {},
        "table_scroll": {},
        "clean_copy": {},
    }
    data["reconnect"] = {"again": ui_state().drawn_again}
    data["translator"] = {"language": language(), "words": _words(language())}
    if at_work:
        data["invalid_date"] = {"words": t("common.no_such_day", typed="{typed}", made="{made}")}
        data |= {
            "shortcuts": {},
            "history_steps": {},
            "print": {},
            "narrow": {"known": ui_state().is_narrow},
            "downloads": {"words": {word: t(f"common.export_{word}") for word in ("preparing", "failed")}},
        }
    _component(key=KEY, data=data, height=1, on_again_change=_note_again, on_left_change=_keep_left, on_narrow_change=_note_width)


def _paths() -> list[str]:
    """Return the addresses of all pages: Streamlit keeps the choice of light or dark for each by itself."""
    return ["/", *(f"/{name}" for name in PAGES if name != "today")]


def _note_again() -> None:
    """Keep which request to draw the page anew the browser sent, for the answer to name it."""
    again = st.session_state[KEY].again
    ui_state().drawn_again = again if isinstance(again, int) else None


def _note_width() -> None:
    """Keep whether the browser's window is as narrow as a phone's."""
    narrow = st.session_state[KEY].narrow
    if isinstance(narrow, bool):
        ui_state().is_narrow = narrow


def _keep_left() -> None:
    left = st.session_state[KEY].left
    if isinstance(left, list) and all(isinstance(line, str) for line in left):
        ui_state().text_left = "\n".join(left)[:MAX_TEXT_LEFT_CHARS]


def left_text() -> None:
    """Show the text of a form that went with its connection, to copy."""
    text = ui_state().text_left
    if not text:
        return
    st.warning(t("form.connection_lost"), icon=":material/edit_note:")
    st.caption(t("form.kept"))
    st.code(text, language=None, wrap_lines=True)
    st.button(t("form.discard"), key="left-away", on_click=_throw_away)


def _throw_away() -> None:
    ui_state().text_left = ""


@cache
def _words(code: str) -> dict[str, str]:
    """Return Streamlit's English words (``streamlit.*`` in the English word list) and this language's words for them."""
    own = words_of(code)
    return {text: own[key] for key, text in words_of("en").items() if key.startswith("streamlit.")}
