"""Compare two closed databases, one of which came from an export of the other: table by table, value by value, ids by the keys it came with."""

from __future__ import annotations

from pathlib import Path

import duckdb

from core.imports.mapping import NO_TARGET
from core.store.tables import TABLES

# What an export says it does not carry, and names of files, which are new here.
NOT_CARRIED = {
    "firm": {"is_sample", "second_factor_roles", "form_for_team", "logo", "first_steps_put_away", "opening_hours", "holiday_land"},
    "recent_account": {"before_at"},
    "document": {"file"},
    "photo": {"file"},
    # Compared with their numbers translated, by whoever asks.
    "saved_view": {"definition"},
}


def differences(old: Path, new: Path) -> dict[str, list]:
    """Return by table rows that only one of the two has, at most three of each."""
    with duckdb.connect(":memory:") as root:
        root.execute(f"ATTACH '{old}' AS old (READ_ONLY)")
        root.execute(f"ATTACH '{new}' AS new (READ_ONLY)")
        kinds = {}
        for table, column in root.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'old' AND schema_name = 'data' ORDER BY column_index"
        ).fetchall():
            kinds.setdefault(table, []).append(column)
        found = {}
        for table in TABLES.keys() - NO_TARGET:
            spec = TABLES[table]
            columns = [c for c in kinds[table] if c not in {"version", *spec.secret, *NOT_CARRIED.get(table, ())}]
            if spec.natural:
                columns.remove(spec.key[0])
            of = {c: spec.references[c] for c in columns if c in spec.references} | ({spec.key[0]: table} if spec.is_keyed else {})
            here = [f"CAST(k_{c}.source_key AS BIGINT) AS {c}" if c in of else f"t.{c}" for c in columns]
            if "value" in columns:  # of a field that holds a team member
                here[columns.index("value")] = "coalesce(m.source_key, t.value) AS value"
            joins = " ".join(
                f"LEFT JOIN new.data.import_key k_{c} ON k_{c}.table_name = '{one}' AND k_{c}.object_id = t.{c}" for c, one in of.items()
            )
            if "value" in columns:
                joins += """ JOIN new.data.custom_field f ON f.custom_field_id = t.custom_field_id LEFT JOIN new.data.import_key m
                    ON f.type = 'staff_member' AND m.table_name = 'staff_member' AND CAST(m.object_id AS VARCHAR) = t.value"""
            was, now = f"SELECT {', '.join(columns)} FROM old.data.{table}", f"SELECT {', '.join(here)} FROM new.data.{table} t {joins}"
            for one, other in ((was, now), (now, was)):
                if rows := root.execute(f"({one}) EXCEPT ALL ({other}) LIMIT 3").fetchall():
                    found.setdefault(table, []).append(rows)
        return found
