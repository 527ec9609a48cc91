"""Every field an import may give is written as it was given: none is left out of the schema, and none is mistaken for our own notes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from core.base.rights import Viewer
from core.imports.field_docs import told_fields
from core.imports.mapping import DERIVED, NO_TARGET
from core.imports.value_rules import CODES
from core.store import reader
from core.store.tables import TABLES
from tests.test_import_all import every_table, run, value

SYSTEM = Viewer.system("tests")
UTC = "2026-01-30 10:00:00"  # what eleven o'clock in Berlin is
BY_KIND = {"VARCHAR": "Wert", "TIMESTAMP": "2026-01-30 11:00:00", "DATE": "2026-01-30", "BOOLEAN": True, "INTEGER": 3, "DECIMAL": 2.5}
OTHERWISE = {
    ("contact", "phone"): "+49 30 9018200", ("contact", "mobile"): "+49 1512 3456789", ("contact", "country"): "DE", ("contact", "postcode"): "10115",
    ("contact", "language"): "en", ("firm", "currency"): "CHF", ("firm", "time_zone"): "Europe/Vienna",
    ("document", "media_type"): "text/plain", ("email", "thread"): "4711", ("invoice", "status"): "scheduled", ("login", "network_address"): "10.0.0.1",
    # What would take away what stands on it, or is refused beside the rest, is tried elsewhere.
    ("account", "archived_at"): None, ("custom_field", "retired_at"): None, ("custom_field", "options"): None, ("email_access", "suspended_at"): None, ("staff_member", "is_active"): None,
}  # fmt: skip


def kinds_of(table: str) -> dict[str, str]:
    """The fields of a table and their SQL types, without sizes."""
    with reader(SYSTEM) as r:
        rows = r.rows(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'kundenblick' AND table_name = $table", table=table
        )
    return {row["column_name"]: row["data_type"].partition("(")[0] for row in rows}


def fields_of(table: str) -> dict[str, object]:
    """A value for each field that may be given and is none of another table."""
    spec, given = TABLES[table], {}
    own = set(spec.key) if spec.has_id else set()
    for column, kind in kinds_of(table).items():
        if column in DERIVED.get(table, set()) | spec.secret | {"version", "file"} | own or column in spec.references:
            continue
        codes = CODES.get((table, column))
        given[column] = OTHERWISE.get((table, column), codes[-1] if codes else BY_KIND[kind])
    return {column: one for column, one in given.items() if one is not None}


def with_every_field(mapping: Path) -> dict[tuple[str, str], object]:
    """Each block of the mapping gives every field its first form left out; returns what was added."""
    blocks, text = tomllib.loads(mapping.read_text("utf-8"))["tables"], mapping.read_text("utf-8")
    head, *parts = text.split("[[tables]]\n")
    added: dict[tuple[str, str], object] = {}
    for place, block in enumerate(blocks):
        for column, one in fields_of(block["table"]).items():
            if column not in block["fields"]:
                parts[place] += f"{column} = {{ value = {json.dumps(one)} }}\n"
                added[block["table"], column] = one
    mapping.write_text(head + "".join(f"[[tables]]\n{part}" for part in parts), "utf-8")
    return added


def test_every_field_is_written_as_it_was_given(store, settings, tmp_path):
    mapping = every_table(tmp_path)
    added = with_every_field(mapping)
    assert {table for table, _ in added} > {"task", "job", "invoice", "approval", "signature", "contract", "organizer", "document"}
    good, said = run(settings, mapping)
    assert good, said
    wrong = []
    for (table, column), given in added.items():
        kind = kinds_of(table)[column]
        stored = UTC if kind == "TIMESTAMP" else given
        expected = stored if kind == "DECIMAL" else f"'{stored}'::{kind}"
        if not value(f"SELECT bool_and({column} IS NOT DISTINCT FROM {expected}) FROM kundenblick.data.{table}"):
            wrong.append((table, column))
    assert wrong == []
    assert run(settings, mapping)[1][-1] == "Everything is there already; nothing was written."


def test_each_status_can_be_given_and_changed(store, settings, tmp_path):
    mapping = every_table(tmp_path)
    plain, known = mapping.read_text("utf-8"), {table: codes for (table, column), codes in CODES.items() if column == "status"}
    assert {"task", "invoice", "document", "contract"} < set(known)
    for place in (0, -1):
        text = plain
        for table, codes in known.items():
            block = f'[[tables]]\ntable = "{table}"\nfile = "one"\nkey = ["id"]\n[tables.fields]\n'
            assert block in text, table
            text = text.replace(block, f'{block}status = {{ from = "id", codes = {{ 1 = "{codes[place]}" }} }}\n')
        mapping.write_text(text, "utf-8")
        good, said = run(settings, mapping)
        assert good, said
        stored = {table: value(f"SELECT status FROM kundenblick.data.{table}") for table in known}
        # Whether an invoice is paid follows from its payments.
        assert stored == {table: codes[place] for table, codes in known.items()} | {"invoice": "partially_paid"}


def test_our_own_notes_are_named_as_no_field_is(store):
    ours = {"n", "line", "object_id", "source_key", "source_path", "ending", "row_state", "member"}
    assert not {(table, column) for table in TABLES.keys() - NO_TARGET for column in kinds_of(table) if column in ours}


def test_the_page_of_fields_is_that_of_the_code():
    page = Path(__file__).parents[1] / "docs/import-fields.md"
    assert page.read_text("utf-8") == told_fields(), "python -m core.imports.field_docs > docs/import-fields.md"
