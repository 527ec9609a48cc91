"""Forms over a page: what was typed survives errors, reruns and a detour; closing one with changes asks first.

The open form stands in the session as ``editing``: its name, what it is about, what was typed (``draft``), the problems,
and what saving would cause once that was asked. A form is a function registered under its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import streamlit as st

from core.access.open_account import OpenAccount, still_open
from core.access.preview import consequences
from core.base.errors import AppError, BadDeclaration, EditConflict, NotAllowed, NotFound, ValidationFailed
from core.base.rights import Viewer
from core.i18n import language, sentence, t, words_of
from core.i18n.formats import day
from core.ui.forms.field_inputs import countries
from core.ui.forms.leave_guard import leave_guard
from core.ui.parts.escape import esc, md
from core.ui.parts.problems import said_of
from core.ui.parts.return_to_list import ListState, go_back

Subject = OpenAccount | Viewer
Form = Callable[[Any, dict[str, Any]], None]
FORMS: dict[str, tuple[str, str, Form]] = {}
# So many inputs are seen with the buttons; in a longer form what is wrong may be out of sight.
SHORT = 6


def form(name: str, title: str, width: str = "medium") -> Callable[[Form], Form]:
    """Register a form under its name; ``title`` is the key of its heading."""

    def register(draw: Form) -> Form:
        if name in FORMS:
            raise BadDeclaration(f"{draw.__module__}: there is a form {name!r} already")
        FORMS[name] = (title, width, draw)
        return draw

    return register


def open_form(name: str, account_id: int = 0, back: ListState | None = None, **about: object) -> None:
    """Open a form with the next run (a button's callback); without an account it is about the firm. Closing it leads ``back``.

    What was typed into another one, which the browser's back button left open, goes along to be said.
    """
    left = st.session_state.get("editing")
    turn = st.session_state.get("form-turn", 0) + 1
    st.session_state["form-turn"] = turn
    st.session_state["editing"] = {
        "name": name, "account": account_id, "turn": turn, "about": about, "draft": None, "begun": None, "back": back,
    }  # fmt: skip
    if left and left["draft"] is not None and left["draft"] != left["begun"] and not left.get("is_saved"):
        st.session_state["editing"]["left"] = left


def close_form() -> None:
    """Put the form away, and open the list again that it was opened from."""
    go_back(st.session_state.pop("editing", {}).get("back"))


def editing_of(subject: Subject) -> dict[str, Any] | None:
    """The form that is open over this account's pages, or over the firm's, if any."""
    editing = st.session_state.get("editing")
    about = subject.account_id if isinstance(subject, OpenAccount) else 0
    return editing if editing and editing["account"] == about else None


def show_form(subject: Subject) -> None:
    """Draw the form that is open over this account or the firm, as a dialog only its own buttons close."""
    editing = editing_of(subject)
    if editing is None:
        return
    st.session_state["dialog_open"] = True
    title, width, draw = FORMS[editing["name"]]

    @st.dialog(t(title), width=width, dismissible=False)
    def show() -> None:
        leave_guard()
        say_left(editing)
        try:
            # A form that was opened earlier shows nothing of a client who is no longer one's own.
            still_open(subject)
            draw(subject, editing)
        except AppError as problem:
            st.error(t("form.gone") if isinstance(problem, NotFound) else sentence(problem), icon=":material/error:")
            _kept(editing)
            if st.button(t("common.close"), key=f"form-gone-{editing['turn']}"):
                close_form()
                st.rerun()

    show()


def say_left(editing: dict[str, Any]) -> None:
    """What was typed into the form before this one and never saved: a way back to it, or its text to copy."""
    left = editing.get("left")
    if not left:
        return
    with st.container(border=True, gap="xsmall", key="form-left"):
        st.markdown(md(t("form.left", title=t(FORMS[left["name"]][0]))))
        _kept(left)
        with st.container(horizontal=True):
            if left["account"] == editing["account"] and st.button(t("form.left_back"), key=key(editing, "left-back")):
                st.session_state["editing"] = left
                st.rerun()
            if st.button(t("form.discard"), key=key(editing, "left-discard")):
                editing["left"] = None
                st.rerun(scope="fragment")


def key(editing: Mapping[str, Any], name: str) -> str:
    """The key of an input of this very opening of the form."""
    return f"form-{editing['turn']}-{name}"


def start(editing: dict[str, Any], values: Callable[[], dict[str, object]]) -> dict[str, object]:
    """What the inputs begin with: what was typed before, else these values, remembered to tell what changed."""
    if editing["begun"] is None:
        editing["begun"] = values()
    return editing["draft"] or editing["begun"]


def typed(editing: dict[str, Any], raw: Mapping[str, object]) -> dict[str, object]:
    """Keep what is in the inputs; returns what differs from the beginning."""
    editing["draft"] = dict(raw)
    return {name: value for name, value in raw.items() if value != editing["begun"].get(name)}


def problems_of(editing: Mapping[str, Any]) -> dict[str, str]:
    """The sentences of the last try, by field."""
    return editing.get("problems") or {}


def buttons(
    editing: dict[str, Any],
    changes: Mapping[str, object],
    verb: Callable,
    *args: object,
    done: Callable[[Any], None] | None = None,
    save: str = "common.save",
    confirm: str = "form.confirm",
    at_once: bool = False,
    quiet: bool = False,
    new: bool = False,
    **named: object,
) -> None:
    """SPEICHERN and Abbrechen; what the save would cause is shown before it, when there is anything.

    ``save`` and ``confirm`` name the act before and after that. A form without inputs (``at_once``) shows it as it opens; a ``quiet``
    one changes nobody's sight and does not ask; a ``new`` record is tried even when nothing was typed, so that what is needed is said.
    ``done`` gets what the verb returned; without it the form closes and the page is drawn anew.
    """
    if at_once and "told" not in editing:
        _try(editing, lambda: editing.update(told=consequences(verb, *args, **named)))
    with st.container(gap="xsmall", key="form-buttons"):
        _say(editing)
        told = editing.get("told") and not at_once
        ways = st.container(horizontal=True, horizontal_alignment="right")
    with ways:
        if editing.get("leaving") and not told:
            if st.button(t("form.discard"), key=key(editing, "discard")):
                close_form()
                st.rerun()
            if st.button(t("form.keep_editing"), key=key(editing, "keep"), type="primary"):
                editing["leaving"] = False
                st.rerun(scope="fragment")
            return
        if st.button(t("common.back") if told else t("common.cancel"), key=key(editing, "back" if told else "cancel")):
            if told:
                editing["told"] = None
            elif changes:
                editing["leaving"] = True
            else:
                close_form()
                st.rerun()
            st.rerun(scope="fragment")
        if at_once and editing.get("problem"):
            return
        if st.button(t(confirm if told else save), key=key(editing, "confirm" if told else "save"), type="primary"):
            if not (changes or at_once or new):
                close_form()
                st.rerun()
            _save(editing, verb, args, named, done, asks=not (told or at_once or quiet))


def _say(editing: Mapping[str, Any]) -> None:
    """What stands above the buttons, in sight wherever one is in a long form: what is wrong, what will happen, what is not saved yet."""
    if general := editing.get("problem"):
        st.error(md(general), icon=":material/error:")
        if editing.get("refused"):
            _kept(editing)
    if len(editing.get("draft") or ()) > SHORT and (wrong := problems_of(editing)):
        st.caption(f":red[{md(t('form.wrong', fields=', '.join(_named(editing, name) for name in wrong)))}]")
    if told := editing.get("told"):
        _consequences(told)
    elif editing.get("leaving"):
        st.warning(t("form.unsaved"), icon=":material/edit_note:")


def _consequences(told: list) -> None:
    with st.container(border=True, gap="xsmall", key="form-told"):
        st.markdown(f"**{t('consequences.title')}**")
        lines = "".join(f"<li>{esc(t(f'consequences.{one.code}', **one.values))}</li>" for one in told)
        st.html(f'<ul class="kb-told">{lines}</ul>')


def _try(editing: dict[str, Any], call: Callable[[], Any]) -> bool:
    """Call; False when it was refused, with the reasons kept for the form."""
    try:
        call()
    except ValidationFailed as failed:
        editing["problems"] = {field: t(f"errors.{code}", **_in_words(filled)) for field, (code, filled) in failed.problems.items()}
    except EditConflict:
        editing["conflict"] = True
    except AppError as problem:
        editing["refused"] = isinstance(problem, NotAllowed | NotFound)
        editing["problem"] = t("form.gone") if problem.code == "not_found" else said_of(problem)
    except Exception as problem:
        # Streamlit's own words for it would stand behind the dialog.
        editing["problem"] = said_of(problem)
    else:
        return True
    editing.setdefault("told", None)
    return False


def _in_words(filled: Mapping[str, object]) -> dict[str, object]:
    """What fills a sentence, a country by its name."""
    return {name: countries().get(str(value), value) if name == "country" else value for name, value in filled.items()}


def _save(editing: dict[str, Any], verb: Callable, args: tuple, named: dict, done: Callable | None, *, asks: bool) -> None:
    """Save once for each opening of the form: a second press can end this run anywhere after the verb, and come here again."""
    if "made" not in editing:
        _call(editing, verb, args, named, asks=asks)
    if done is None:
        close_form()
        st.session_state["saved"] = True
    else:
        done(editing["made"])
    st.rerun()


def _call(editing: dict[str, Any], verb: Callable, args: tuple, named: dict, *, asks: bool) -> None:
    """Call the verb and keep what it returned; the form is drawn anew with what was refused, or with what it would cause."""
    editing |= {"problems": {}, "problem": None, "leaving": False} | ({} if not asks else {"told": None})
    result: list[Any] = []
    if asks and (not _try(editing, lambda: editing.update(told=consequences(verb, *args, **named))) or editing["told"]):
        st.rerun(scope="fragment")
    if not _try(editing, lambda: result.append(verb(*args, **named))):
        editing["told"] = None
        st.rerun(scope="fragment")
    editing |= {"is_saved": True, "made": result[0]}


def say_saved() -> None:
    """A short word after a save."""
    if st.session_state.pop("saved", False):
        st.toast(t("form.saved"), icon=":material/check:")


def kept_text() -> None:
    """What was typed into a form whose client is gone or no longer one's own, to copy."""
    editing = st.session_state.get("editing")
    if not editing or not editing.get("draft"):
        return
    st.warning(t("form.client_gone"), icon=":material/edit_note:")
    _kept(editing)
    if st.button(t("form.discard"), key="kept-away"):
        close_form()
        st.rerun()


def _kept(editing: Mapping[str, Any]) -> None:
    lines = [
        f"{_named(editing, name)}: {text}"
        for name, value in (editing.get("draft") or {}).items()
        if value != (editing["begun"] or {}).get(name) and (text := _readable(value))
    ]
    if lines:
        st.caption(t("form.kept"))
        st.code("\n".join(lines), language=None, wrap_lines=True)


def _named(editing: Mapping[str, Any], name: str) -> str:
    """What an input is called on the screen."""
    known = words_of(language())
    said = next((key for topic in ("info", "work", "accounts", "tags", "fields") if (key := f"{topic}.{name}") in known), None)
    return editing.get("labels", {}).get(name) or (t(said) if said else name)


def _readable(value: object) -> str:
    """What of a typed value can be typed again somewhere else; a row that was chosen by its number cannot."""
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values() if part)
    if isinstance(value, list | tuple):
        return ", ".join(part for part in value if isinstance(part, str))
    return day(value) if isinstance(value, date) else value if isinstance(value, str) else ""


def settle(
    editing: dict[str, Any], fresh: Mapping[str, object], version: int, labels: Mapping[str, str], written: Callable[[str, object], str]
) -> None:
    """Somebody saved meanwhile: show field by field what was, what they made of it and what was typed, and let the person choose."""
    before, mine = editing["begun"], editing["draft"] or editing["begun"]
    theirs = {name for name in fresh if fresh[name] != before.get(name)}
    if not theirs:
        editing |= {"begun": dict(fresh), "version": version, "conflict": False}
        st.info(t("form.conflict_elsewhere"), icon=":material/group:")
        return
    st.warning(t("form.conflict"), icon=":material/group:")
    chosen: dict[str, object] = {}
    asked: dict[str, str] = {}
    for name in fresh:
        if name not in theirs:
            chosen[name] = mine[name]
            continue
        st.markdown(f"**{md(labels.get(name, name))}**")
        st.caption(md(t("form.was", value=written(name, before.get(name)))))
        chosen[name] = fresh[name]
        if mine.get(name) == before.get(name):
            st.text(t("form.theirs", value=written(name, fresh[name])))
            continue
        asked[name] = key(editing, f"settle-{name}")
        st.radio(
            labels.get(name, name), ["theirs", "mine"], key=asked[name], label_visibility="collapsed",
            format_func={"theirs": md(t("form.theirs", value=written(name, fresh[name]))), "mine": md(t("form.mine", value=written(name, mine[name])))}.get,
        )  # fmt: skip

    def taken() -> None:
        # As a callback it counts even if the run that was to draw this is ended by the next, as a choice made just before does.
        own = {name: mine[name] for name, asked_as in asked.items() if st.session_state[asked_as] == "mine"}
        st.session_state["form-turn"] += 1
        editing.update(
            begun=dict(fresh), draft=chosen | own, version=version, conflict=False, problems={}, turn=st.session_state["form-turn"]
        )

    st.button(t("form.settle"), type="primary", key=key(editing, "settle"), on_click=taken)
    st.stop()
