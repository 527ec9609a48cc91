"""Rename a mapping together with everything remembered under its name, or it would import its rows anew."""

from __future__ import annotations

from core.base.errors import AppError
from core.base.rights import Viewer
from core.i18n import t
from core.imports.plan import Plan
from core.store import writer
from core.store.staging import STORE
from core.store.tables import TABLES

SYSTEM = Viewer.system("command line", "command")
REMEMBERED = ("import_run", "import_key", "import_shape", "import_word", "import_job", "import_feed")


def rename_mapping(old: str, new: str) -> None:
    """Move everything remembered under one mapping name to another. Raises AppError when the old is unknown or the new one is taken."""
    with writer(SYSTEM) as tx:
        names = {row["mapping"] for row in tx.rows("SELECT DISTINCT mapping FROM import_run")}
        if old not in names:
            raise AppError("mapping_unknown", name=old, known=", ".join(sorted(names)) or "–")
        if new in names or not new.strip():
            raise AppError("mapping_taken", name=new)
        for table in REMEMBERED:
            tx.execute(f"UPDATE {table} SET mapping = $new WHERE mapping = $old", {"old": old, "new": new})
        tx.note("renamed", "import_run", text=f"{old} → {new}")


def known_by_other_name(plan: Plan) -> str | None:
    """Return a sentence when this mapping is new and another one brought every key of its files, else None."""
    keyed = [block for block in plan.mapping.blocks if TABLES[block.table].is_keyed and block.gone_of is None]
    if plan.before is not None or not keyed:
        return None
    keys = " UNION ALL ".join(f"SELECT '{block.table}' AS table_name, source_key FROM b{block.number}" for block in keyed)
    found = plan.staging.run(
        f"""SELECT k.mapping FROM (SELECT DISTINCT * FROM ({keys})) b JOIN {STORE}.import_key k USING (table_name, source_key)
        WHERE k.mapping <> $own GROUP BY 1 HAVING count(*) = (SELECT count(*) FROM (SELECT DISTINCT * FROM ({keys}))) ORDER BY 1""",
        {"own": plan.mapping.name},
    )
    return t("imports.other_name", name=plan.mapping.name, other=found[0][0]) if found else None
