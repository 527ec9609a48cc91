"""Decide what leaves with everything, and write the mapping that brings it back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from core.imports.mapping import NO_TARGET, WITH_FILE, fillable
from core.store.tables import TABLES

MAPPING = "export.toml"
# What an import does not bring in and people made all the same: written for whoever reads it, into a folder of its own.
MORE = ("firm", "cohort", "cohort_account", "document_opening", "notification", "saved_query", "turn_set_aside")
MORE_FOLDER = "more"
# What stays here: what lets somebody in, what is computed anew, what proves what happened here, what imports remember.
STAYS = {
    "secrets": ("session", "one_time_link", "second_factor", "recovery_code", "known_browser", "provider_person"),
    "computed": (
        "account_figure", "account_habit", "overview_card", "search_word", "search_text", "search_contact",
    ),
    "record": ("audit_entry",),
    "imports": ("import_file", "import_job", "import_run", "import_feed", "import_key", "import_shape", "import_word", "mail_folder", "mail_thread"),
}  # fmt: skip
# What an installation has before anything was brought in: its firm and first owner, fields of the starter set.
MET_BY = {"firm": ("name",), "staff_member": ("email",), "custom_field": ("scope", "key")}
# What only our own files tell: that a photo was made safe before.
TOLD = {"photo": ("sha256",)}


def targets() -> list[str]:
    """Return the tables that an import brings in, in the order in which they are declared."""
    return [table for table in TABLES if table not in NO_TARGET]


def more_columns(table: str, columns: Sequence[str]) -> list[str]:
    """Return the columns that leave of a table, or a part of one, that no import brings in: all that is no secret."""
    return [column for column in columns if column not in TABLES[table].secret | {"version"}]


def columns_out(table: str, columns: Sequence[str]) -> list[str]:
    """Return the columns that leave of a table that an import brings in: its id, and what an import may fill."""
    spec, may = TABLES[table], fillable(table, columns)
    return [column for column in columns if column in may or column in spec.key or column in TOLD.get(table, ())]


def mapping_text(name: str, columns: Mapping[str, Sequence[str]], ending: str, head: Sequence[str]) -> str:
    """Return the mapping, under this name and below the lines of ``head``, for files with this ending of tables with these columns."""
    parts = [*(f"# {line}" for line in head), "", f"name = {_quoted(name)}", 'time_zone = "UTC"', ""]
    for table in targets():
        parts += [f"[files.{table}]", f'path = "{table}.{ending}"', "own = true", ""]
    for table in targets():
        parts += [*_block(table, columns[table]), ""]
    return "\n".join(parts)


def _block(table: str, columns: Sequence[str]) -> list[str]:
    spec = TABLES[table]
    lines = ["[[tables]]", f'table = "{table}"', f'file = "{table}"']
    if spec.is_keyed:
        lines.append(f'key = ["{spec.key[0]}"]')
    if table in MET_BY:
        lines.append(f"match = {json.dumps(MET_BY[table])}")
    lines.append("[tables.fields]")
    may = fillable(table, columns)
    for column in columns:
        if column not in may:
            continue
        if WITH_FILE.get(table) == column:
            known = ', sha256 = "sha256"' if table == "photo" else ""
            lines.append(f'{column} = {{ from = "{column}", folder = "{table}s"{known} }}')
        else:
            lines.append(f'{column} = "{column}"')
    return lines


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
