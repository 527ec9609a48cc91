"""A section of the settings: name, colour and delete tags, with the number of clients that bear them."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.access.verbs import require
from core.base.errors import NotFound
from core.base.rights import Right, Viewer
from core.clients.tags import COLORS, change_tag, define_tag, delete_tag, tag_uses, tags_in_use
from core.i18n import t
from core.i18n.formats import number
from core.store import Row
from core.ui.forms import form_dialog as forms
from core.ui.forms.edit_conflict import start_edit
from core.ui.forms.field_inputs import keep_input, show_problem
from core.ui.forms.form_dialog import form, open_form
from core.ui.parts.empty import empty_state
from core.ui.parts.escape import esc, md, plain_paragraph
from core.ui.parts.tag_chips import tag_chip
from core.ui.state.open_form import OpenForm


def tag_settings(viewer: Viewer) -> None:
    """Draw every tag with how many clients bear it, and what can be done to it. Raises NotAllowed."""
    require(viewer, Right.MANAGE_TAGS)
    rows = tags_in_use(viewer)
    st.header(t("tags.title"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", key="tags-head"):
        st.caption(t("tags.hint"), width="stretch")
        st.button(t("tags.new"), icon=":material/add:", type="primary", key="tags-new", on_click=open_form, args=("tag",))
    if not rows:
        empty_state("sell", t("tags.none"))
    with st.container(gap=None, key="tags-rows"):
        for row in rows:
            _row(row)


def _row(row: Row) -> None:
    tag_id = row["tag_id"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"row-field-tag-{tag_id}"):
        st.html(tag_chip(row["name"], row["color"]), width="content")
        uses = t("tags.uses", n=row["uses"]) if row["uses"] else t("tags.unused")
        color = t(f"tags.color_{row['color']}")
        st.caption(f"{color} · {uses}", width="stretch")
        for name, icon, words in (("tag", "edit", "edit"), ("tag_delete", "delete", "delete")):
            spoken = md(t(f"tags.{words}_of", name=row["name"]))
            st.button(
                spoken, icon=f":material/{icon}:", key=f"{name}-{tag_id}", type="tertiary", help=spoken, on_click=open_form, args=(name,),
                kwargs={"tag_id": tag_id},
            )  # fmt: skip


def _tag_of(viewer: Viewer, tag_id: int) -> Row:
    found = next((row for row in tags_in_use(viewer) if row["tag_id"] == tag_id), None)
    if found is None:
        raise NotFound()
    return found


@form("tag", "tags.tag")
def _tag(viewer: Viewer, editing: OpenForm) -> None:
    tag_id = editing.about.get("tag_id")
    row = _tag_of(viewer, tag_id) if tag_id else None
    present: dict[str, Any] = {"name": row["name"], "color": row["color"]} if row else {"name": "", "color": "gray"}
    if row is None:
        draft = editing.start(lambda: present)
    else:
        labels = {key: t(f"tags.{key}") for key in present}
        draft = start_edit(
            editing, lambda: present, row["version"], labels,
            lambda key, value: t(f"tags.color_{value}") if key == "color" else str(value),
        )  # fmt: skip
    prefix, problems = editing.key("in"), editing.problems
    raw: dict[str, Any] = {}
    raw["name"] = st.text_input(f"{t('tags.name')} *", key=keep_input(f"{prefix}-name", draft["name"]), autocomplete="off")
    show_problem(problems, "name")
    raw["color"] = st.pills(
        t("tags.color"), COLORS, required=True, key=keep_input(f"{prefix}-color", draft["color"]),
        format_func=lambda code: f":{code}[●] {t(f'tags.color_{code}')}",
    )  # fmt: skip
    show_problem(problems, "color")
    if raw["name"].strip():
        st.html(f'<p class="kb-line">{esc(t("tags.looks"))} {tag_chip(raw["name"].strip(), str(raw["color"]))}</p>')
    changes = editing.record_input(raw)
    if row is None:
        forms.buttons(editing, changes, partial(define_tag, viewer, **raw), quiet=True, new=True)
    else:
        forms.buttons(editing, changes, partial(change_tag, viewer, row["tag_id"], editing.version, **raw), quiet=True)


@form("tag_delete", "tags.delete", "question")
def _delete(viewer: Viewer, editing: OpenForm) -> None:
    row = _tag_of(viewer, editing.about["tag_id"])
    seen, unseen = tag_uses(viewer, row["tag_id"])
    editing.start(dict)
    lines = [t("tags.delete_hint", name=row["name"]), t("tags.loses", n=seen) if seen else t("tags.loses_none")]
    if unseen:
        lines.append(t("tags.loses_unseen", n=unseen, count=number(unseen)))
    st.html("".join(plain_paragraph(line) for line in lines))
    forms.buttons(editing, {"tag_id": row["tag_id"]}, partial(delete_tag, viewer, row["tag_id"]), quiet=True, save="tags.delete")
