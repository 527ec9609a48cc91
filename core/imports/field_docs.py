"""Write docs/import-fields.md, every table an import may fill with its fields: ``python -m core.imports.field_docs``."""

from __future__ import annotations

from core.imports.mapping import NO_TARGET, WITH_FILE, fillable
from core.imports.value_rules import CODES, MAY_BE_EMPTY
from core.store.migrations import newest_columns
from core.store.tables import TABLES

HEAD = """# What an import can fill

Each table and each field of it, for a mapping (import.md). *needed*: a row must bring it. A record of another table is named by the key it
came with, or by one of its fields (`by`). Tables that need a `key` are marked.
"""
KINDS = {
    "VARCHAR": "text", "BOOLEAN": "yes/no", "DATE": "day", "TIMESTAMP": "moment", "INTEGER": "whole number", "BIGINT": "whole number",
    "SMALLINT": "whole number",
}  # fmt: skip


def told_fields() -> str:
    """Return the page as Markdown."""
    rows = newest_columns()
    hanging = {table for table, name, *_ in rows if name == "account_id"}
    parts = [HEAD]
    for table in sorted(TABLES.keys() - NO_TARGET):
        columns = {name: (kind, needed) for of, name, kind, needed in rows if of == table}
        allowed = fillable(table, columns)
        parts.append(f"\n## {table}{' (needs a `key`)' if TABLES[table].is_keyed else ''}\n\n| field | | holds |\n|---|---|---|\n")
        for name, (kind, needed) in columns.items():
            if name not in allowed:
                continue
            # A row that refers to another one takes its client from it.
            found = name == "account_id" and bool(hanging & {of for column, of in TABLES[table].references.items() if column != name})
            must = "needed" if needed and not found and name != "created_at" else ""
            rest = "; that of what it hangs on when left out" if found else ""
            parts.append(f"| `{name}` | {must} | {_holds(table, name, kind)}{rest} |\n")
    return "".join(parts)


def _holds(table: str, column: str, kind: str) -> str:
    if WITH_FILE.get(table) == column:
        return "the path of a file"
    if codes := CODES.get((table, column)):
        return ", ".join(f"`{code}`" for code in codes)
    if of := TABLES[table].references.get(column):
        return f"a record of `{of}`"
    if kind.startswith("DECIMAL"):
        return f"number, {kind.rstrip(')').rpartition(',')[2]} decimal places"
    return KINDS[kind] + (", may be empty" if (table, column) in MAY_BE_EMPTY else "")


if __name__ == "__main__":
    print(told_fields(), end="")
