"""Say what a file is, before anybody writes a mapping for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.base.config import Settings
from core.base.text_folding import normalise
from core.i18n import t
from core.imports.problems import MappingInvalid, clipped
from core.imports.templates import templates
from core.imports.worker import beside

Say = Callable[[str], None]
SAID = ("encoding", "bad_bytes", "delimiter", "quote", "sheet", "header", "footer", "decimal", "date", "moment")
MAX_COLUMNS_SAID = 60


def look_at(settings: Settings, file: Path, say: Say, write_as: str | None = None) -> bool:
    """Say what a file is, its first rows, and the whole mapping that would bring it; return whether an import can read it.

    Args:
        settings: The settings of this installation.
        file: The file.
        say: Called with each line for people.
        write_as: What the mapping is to be remembered as; it is written beside the file under this name.
    """
    if not file.is_file():
        say(t("imports.problem.file_missing"))
        return False
    try:
        facts = beside("look", settings.data, lambda *_: None, large=False, sheets=[file.name], path=str(file), name=write_as or file.stem)
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
    _say_mapping(facts, say)
    return write_as is None or _write(facts["whole"], file.with_name(f"{write_as}.toml"), say)


def _say_mapping(facts: Mapping[str, Any], say: Say) -> None:
    """Say which program's file it is, and the mapping that would bring it, else how it is read."""
    if facts["template"]:
        template = templates()[facts["template"]]
        say(t("imports.look.template", title=template.title, key=template.key))
        say(f"  {t('imports.look.made_from', value=template.made_from)}")
        say(f"  {t('imports.look.not_checked', value=template.not_checked)}")
        say(t("imports.look.whole"))
    else:
        say(t("imports.look.recognised" if facts["whole"] else "imports.look.mapping"))
    for line in (facts["whole"] or facts["mapping"]).splitlines():
        say(f"  {normalise(line)}")


def _write(text: str, file: Path, say: Say) -> bool:
    """Write a mapping where there is none yet; return whether it was."""
    if not text:
        say(t("imports.look.no_whole"))
        return False
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except OSError as problem:
        say(t("imports.look.not_written", file=file.name, reason=problem.strerror))
        return False
    say(t("imports.look.written", file=file.name))
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
