"""Examples of what an import would change, for ``--dry-run``: table, key, field, old and new value."""

from __future__ import annotations

from collections.abc import Iterator

from core.i18n import t
from core.imports.as_written import as_written
from core.imports.last_words import settled
from core.imports.plan import Plan
from core.imports.problems import clipped
from core.store.bulk_entries import recorded
from core.store.staging import STORE

EXAMPLES_PER_FIELD = 3


def told_changes(plan: Plan) -> Iterator[str]:
    """Yield a line per example, and one with the number of further changes of the field."""
    for block in plan.mapping.blocks:
        for column in settled(plan, block):
            kind = plan.columns[block.table][column][0]
            new, old = (recorded(f"{row}.{column}", kind) for row in "qt")
            if any(rule.column == column and rule.of for rule in block.rules):
                new = f"q.k_{column}"
            source = f"""FROM w{block.number} q JOIN {STORE}.{block.table} t ON {plan.same_row(block)}
                WHERE q.row_state = 'changed' AND {plan.differs(block, column)}"""
            count = plan.staging.value(f"SELECT count(*) {source}")
            if not count:
                continue
            for key, before, after in plan.staging.run(
                f"SELECT q.source_key, {old}, {new} {source} ORDER BY q.n LIMIT {EXAMPLES_PER_FIELD}"
            ):
                place = {"table": block.table, "key": plan.key_shown(key), "field": column}
                said = {name: clipped(as_written(value or "", kind)) for name, value in (("old", before), ("new", after))}
                yield t("imports.change", **place, **said)
            if count > EXAMPLES_PER_FIELD:
                yield t(
                    "imports.changes_more", table=block.table, field=column, n=count - EXAMPLES_PER_FIELD, count=count - EXAMPLES_PER_FIELD
                )
