"""*Abfragen*: write a SELECT over what one may see, run it, and keep it; beside it what can be asked for."""

from __future__ import annotations

import streamlit as st

from core.access.verbs import require, rights_of
from core.activity.own_queries import MAX_TEXT_CHARS, QueryRefused, is_still_theirs, parameters_in, run_query, typed, written_out
from core.activity.saved_queries import MAX_NAME_CHARS, SavedQuery, delete_query, save_query, saved_queries
from core.activity.worked_questions import Question, questions_for
from core.base.errors import AppError, NotAllowed, SignedOut, ValidationFailed
from core.base.rights import Right, Viewer
from core.i18n import sentence, t
from core.ui.parts.escape import md
from core.ui.parts.problems import sentences
from core.ui.queries.answer import answer_part
from core.ui.queries.tables_list import tables_list
from core.ui.state.ui_state import ui_state

EDITOR_PX = 250
ADDRESS = "query"


def queries_page(viewer: Viewer) -> None:
    """Draw the whole page. Raises NotAllowed without the right."""
    require(viewer, Right.ANALYSE)
    kept = saved_queries(viewer)
    _take_text()
    _take_address(kept)
    with st.container(horizontal=True, vertical_alignment="center", key="queries-head"):
        st.header(t("queries.title"), anchor=False, width="content")
        st.caption(t("queries.over"), width="stretch")
        _saved_menu(viewer, kept)
    _questions(viewer)
    with st.container(key="query-body"):
        editor, beside = st.columns([5, 3], gap="medium")
        with editor:
            _editor()
            _run_if_asked(viewer)
            _problem()
        with beside:
            tables_list(viewer)
        _answer(viewer)


def _take_address(kept: list[SavedQuery]) -> None:
    """Take the saved query the address names; one that is not there is dropped, and said once."""
    state, asked = ui_state().queries, st.query_params.get(ADDRESS, "")
    if asked == state.from_address:
        return
    state.from_address = asked
    if not asked:
        return
    found = next((one for one in kept if str(one.saved_query_id) == asked), None)
    if found is None:
        del st.query_params[ADDRESS]
        state.from_address = ""
        st.toast(t("queries.dropped"), icon=":material/link_off:")
    else:
        _take_saved(found)


def _take_saved(query: SavedQuery) -> None:
    state = ui_state().queries
    state.take(query.text, {}, dict(query.chart), query.name)
    state.is_asked = not parameters_in(query.text)


def _questions(viewer: Viewer) -> None:
    """Draw the questions to begin with."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="query-questions"):
        st.caption(t("queries.begin"), width="content")
        for one in questions_for(rights_of(viewer)):
            st.button(t(f"queries.question.{one.key}"), key=f"question-{one.key}", type="tertiary", on_click=_ask_question, args=(one,))
        if ui_state().queries.before is not None:
            st.button(t("queries.before"), icon=":material/undo:", key="query-before", type="tertiary", on_click=_take_before)


def _take_before() -> None:
    state = ui_state().queries
    if state.before is not None:
        _take_text()
        state.take(*state.before)
        _forget_address()


def _ask_question(question: Question) -> None:
    state = ui_state().queries
    _take_text()
    state.take(question.text, {name: written_out(value) for name, value in question.parameters.items()}, dict(question.chart))
    state.is_asked = True
    _forget_address()


def _forget_address() -> None:
    ui_state().queries.from_address = ""
    st.query_params.pop(ADDRESS, None)


def _editor() -> None:
    state = ui_state().queries
    names = parameters_in(state.text)
    st.text_area(
        t("queries.editor"), value=state.text, key=f"query-text-{state.epoch}", height=EDITOR_PX, max_chars=MAX_TEXT_CHARS,
        placeholder=t("queries.placeholder"), help=t("queries.editor_help"), on_change=_take_text,
    )  # fmt: skip
    with st.form("query-form", border=False, enter_to_submit=True):
        if names:
            with st.container(horizontal=True, gap="small", key="query-parameters"):
                for name in names:
                    st.text_input(
                        f"${name}", value=state.given.get(name, ""), key=_parameter_key(name), width=190, help=t("queries.parameter_help")
                    )
        st.form_submit_button(t("queries.run"), type="primary", icon=":material/play_arrow:", key="query-run", on_click=_ask)


def _parameter_key(name: str) -> str:
    return f"query-parameter-{name}-{ui_state().queries.epoch}"


def _take_text() -> None:
    """Take what stands in the editor, run or not, so that it is there when one comes back."""
    state = ui_state().queries
    state.text = st.session_state.get(f"query-text-{state.epoch}", state.text)


def _ask() -> None:
    """Have what stands in the editor run with this drawing, with the values of its fields."""
    _take_text()
    state = ui_state().queries
    state.given |= {name: st.session_state.get(_parameter_key(name), "") for name in parameters_in(state.text)}
    state.is_asked = True


def _run_if_asked(viewer: Viewer) -> None:
    state = ui_state().queries
    if not state.is_asked:
        return
    renew, state.is_asked, state.is_renewed = state.is_renewed, False, False
    # An answer that is on its way when somebody goes on is nobody's; the last one is not this query's.
    state.answer, state.problem, state.sort, state.answered = None, None, None, state.text
    given = {name: typed(text) for name, text in state.given.items() if name in parameters_in(state.text) and text.strip()}
    try:
        with st.spinner(t("queries.running")):
            state.answer = run_query(viewer, state.text, given, renew=renew)
    except (NotAllowed, SignedOut):
        raise
    except QueryRefused as refused:
        state.problem = (sentence(refused), refused.told)
    except AppError as problem:
        state.problem = (sentence(problem), "")
    if state.problem and not all(name in state.given for name in parameters_in(state.text)):
        # The fields of parameters that are new stand below the editor, in a form that is drawn already.
        state.given = {name: state.given.get(name, "") for name in parameters_in(state.text)}
        st.rerun()


def _problem() -> None:
    if (problem := ui_state().queries.problem) is not None:
        words, told = problem
        st.error(md(words), icon=":material/error:")
        if told:
            st.code(told, language=None)


def _answer(viewer: Viewer) -> None:
    """Draw the last answer, unless its reader sees something else since: then it is thrown away."""
    state = ui_state().queries
    if state.answer is None:
        return
    if not is_still_theirs(viewer, state.answer):
        state.answer = None
        st.warning(t("errors.query_sight_changed"), icon=":material/visibility_off:")
        return
    answer_part(viewer, state.answer)


def _saved_menu(viewer: Viewer, kept: list[SavedQuery]) -> None:
    """Draw the menu of saved queries: open one, keep the present one, throw one's own away."""
    with st.popover(t("queries.saved"), icon=":material/bookmark:", key="query-saved"):
        if not kept:
            st.caption(t("queries.saved_none"))
        for query in kept:
            with st.container(horizontal=True, gap=None, vertical_alignment="center"):
                icon = ":material/group:" if query.shared else ":material/bookmark:"
                name = query.name if query.mine else t("accounts.view_by", name=query.name, by=query.by)
                st.button(md(name), key=f"query-{query.saved_query_id}", type="tertiary", icon=icon, on_click=_open_saved, args=(query,))
                if query.mine:
                    st.space("stretch")
                    words = md(t("queries.delete", name=query.name))
                    st.button(
                        words, key=f"view-away-query-{query.saved_query_id}", type="tertiary", icon=":material/delete:", help=words,
                        on_click=_throw_away, args=(viewer, query.saved_query_id),
                    )  # fmt: skip
        if viewer.by is None:
            name = st.text_input(t("queries.name"), key="query-name", max_chars=MAX_NAME_CHARS)
            st.toggle(t("queries.shared"), key="query-shared", help=t("queries.shared_help"))
            st.button(t("queries.keep"), key="query-keep", on_click=_save, args=(viewer,), disabled=not name)
        if problem := ui_state().take_problem("queries"):
            st.caption(md(problem))


def _open_saved(query: SavedQuery) -> None:
    _take_text()
    _take_saved(query)
    ui_state().queries.from_address = st.query_params[ADDRESS] = str(query.saved_query_id)


def _save(viewer: Viewer) -> None:
    state, name = ui_state(), st.session_state["query-name"]
    _take_text()
    try:
        saved = save_query(viewer, name=name, text=state.queries.text, chart=state.queries.chart, shared=st.session_state["query-shared"])
    except ValidationFailed as failed:
        state.problems["queries"] = next(iter(sentences(failed).values()))
    except AppError as problem:
        state.problems["queries"] = sentence(problem)
    else:
        st.session_state["query-name"] = ""
        state.queries.saved = name
        state.queries.from_address = st.query_params[ADDRESS] = str(saved)


def _throw_away(viewer: Viewer, saved_query_id: int) -> None:
    try:
        delete_query(viewer, saved_query_id)
    except AppError as problem:
        ui_state().problems["queries"] = sentence(problem)
    if st.query_params.get(ADDRESS) == str(saved_query_id):
        _forget_address()
