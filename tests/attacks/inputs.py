"""Where a person can type, found in the code: every call of an input in ``core/ui`` and ``pages``, and every form."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Streamlit's inputs one types into, picks in by typing, or gives files to.
TYPED = ("text_input", "text_area", "number_input", "chat_input", "date_input", "time_input", "datetime_input", "data_editor")
CALLS = (*TYPED, "file_uploader", "camera_input")
# What a press can act through: callbacks of these elements, dialogs and fragments.
CALLBACKS = ("on_click", "on_change", "on_select", "on_dismiss")
ACTING = (
    *CALLS,
    "button",
    "menu_button",
    "toggle",
    "checkbox",
    "selectbox",
    "multiselect",
    "radio",
    "dataframe",
    "popover",
    "segmented_control",
    "pills",
    "form_submit_button",
)
# Calls that are met by nobody's typing, each with the reason.
LEFT_OUT = {"core/ui/info/photo_form.py camera_input": "gives a picture of the camera: nothing is typed, and photos are attacked as files"}


def calls() -> dict[str, tuple[int, int]]:
    """``file kind line`` of every call of an input → its first and last line."""
    found = {}
    for file in sorted([*(ROOT / "core" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
                found[f"{file.relative_to(ROOT)} {node.func.attr} {node.lineno}"] = (node.lineno, node.end_lineno)
    return found


def acts() -> dict[str, tuple[int, int]]:
    """``file kind line`` of every call with a callback, every dialog and every fragment → its first and last line."""
    found = {}
    for file in sorted([*(ROOT / "core" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]):
        name = file.relative_to(ROOT)
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in (*ACTING, "ButtonColumn")
            if is_call and any(keyword.arg in CALLBACKS for keyword in node.keywords):
                found[f"{name} {node.func.attr} {node.lineno}"] = (node.lineno, node.end_lineno)
            if isinstance(node, ast.FunctionDef):
                for one in node.decorator_list:
                    called = one.func if isinstance(one, ast.Call) else one
                    if isinstance(called, ast.Attribute) and called.attr in ("dialog", "fragment"):
                        found[f"{name} {called.attr} {one.lineno}"] = (one.lineno, node.lineno)
    return found


def call_at(place: str, known: dict[str, tuple[int, int]]) -> str | None:
    """The call that ``file:line`` lies in."""
    file, _, line = place.rpartition(":")
    for name, (first, last) in known.items():
        if name.split(" ")[0] == file and first <= int(line) <= last:
            return name
    return None


def wanted() -> set[str]:
    """The calls that must be met."""
    return {name for name in calls() if name.rpartition(" ")[0] not in LEFT_OUT}


def forms() -> set[str]:
    """The names of all forms."""
    import core.ui
    from core.ui.forms import form_dialog

    for module in pkgutil.walk_packages(core.ui.__path__, "core.ui."):
        if module.name != "core.ui.frame":
            importlib.import_module(module.name)
    return set(form_dialog.FORMS)
