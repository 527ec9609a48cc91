"""Remember a mapping that ran on the command line, so that it can run by name, from a folder and in the page as well."""

from __future__ import annotations

from pathlib import Path

from core.base.errors import NotAllowed
from core.imports.may_import import needs_of
from core.imports.plan import Plan
from core.store import Tx, now


def remember(tx: Tx, run: int, plan: Plan, file: Path) -> None:
    """Keep a mapping's text under its name with the run it made, unless it fills what is for the command line alone."""
    mapping = plan.mapping
    columns: dict[str, set[str]] = {}
    for block in mapping.blocks:
        columns.setdefault(block.table, set()).update(rule.column for rule in block.rules)
    try:
        needs = needs_of(columns)
        text = file.read_text("utf-8")
    except (NotAllowed, OSError, ValueError):
        return
    if any(rule.is_file for block in mapping.blocks for rule in block.rules):
        return
    if mapping.name == file.stem and "name" not in text.split("[", 1)[0]:
        # The page has no file to take the name from.
        text = f"name = '{mapping.name}'\n{text}" if "'" not in mapping.name else text
    moment = now()
    tx.insert(
        "import_job", mapping=mapping.name, mapping_text=text, files="", needs=" ".join(sorted(needs)), state="done", import_run_id=run,
        made_at=moment, ended_at=moment,
    )  # fmt: skip
