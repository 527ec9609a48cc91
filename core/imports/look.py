"""Say what a file is, before anybody writes a mapping for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.base.config import Settings
from core.base.text_folding import normalise
from core.i18n import t
from core.imports.problems import MappingInvalid, clipped
from core.imports.worker import beside

Say = Callable[[str], None]
SAID = ("encoding", "bad_bytes", "delimiter", "quote", "sheet", "header", "footer", "decimal", "date", "moment")
MAX_COLUMNS_SAID = 60


def look_at(settings: Settings, file: Path, say: Say) -> bool:
    """Say kind, encoding, delimiter, head, numbers and days of a file and its first rows; return whether an import can read it."""
    if not file.is_file():
        say(t("imports.problem.file_missing"))
        return False
    try:
        facts = beside("look", settings.data, lambda *_: None, large=False, sheets=[file.name], path=str(file))
    except MappingInvalid as wrong:
        for problem in wrong.problems:
            say(problem.sentence())
        return False
    kind = facts["kind"]
    say(t("imports.look.file", file=file.name, kind=t(f"imports.look.kind.{kind}")))
    if not facts["mapping"]:
        say(t(f"imports.problem.kind.{kind}"))
        return False
    for name in SAID:
        if (line := _fact(name, facts)) is not None:
            say(f"  {t('imports.look.guessed', said=line) if name in facts['guessed'] else line}")
    if facts["columns"]:
        say(f"  {t('imports.look.columns', value=normalise(', '.join(facts['columns'][:MAX_COLUMNS_SAID])))}")
    say(t("imports.look.reads"))
    for row in facts["rows"]:
        # What a file holds could steer the terminal it is printed in.
        say(f"  {clipped(normalise(' | '.join(row)))}")
    say(t("imports.look.mapping"))
    for line in facts["mapping"].splitlines():
        say(f"  {line}")
    return True


def _fact(name: str, facts: Mapping[str, Any]) -> str | None:
    """Return the line that says one fact; None for what goes without saying."""
    value = facts[name]
    if not value or (name == "quote" and value == '"'):
        return None
    if name == "header" and facts["columns_by"] == "place":
        name = "no_header"
    if name == "delimiter" and value == "\t":
        value = t("imports.look.tab")
    return t(f"imports.look.{name}", value=", ".join(value) if isinstance(value, list) else value)
