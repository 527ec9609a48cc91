"""What a rehearsal would change, by example: table, key, field, what stands there and what would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.i18n import t
from core.imports.last_words import settled
from core.imports.problems import clipped
from core.store.bulk_entries import recorded
from core.store.staging import STORE

if TYPE_CHECKING:
    from core.imports.resolve import Resolver

# So many changes of one field are shown, the others counted.
SHOWN = 3


def told_changes(resolver: Resolver) -> Iterator[str]:
    """A line per example, and one for what is not shown of each field."""
    for block in resolver.mapping.blocks:
        for column in settled(resolver, block):
            new, old = (recorded(f"{row}.{column}", resolver.columns[block.table][column][0]) for row in "qt")
            if any(rule.column == column and rule.of for rule in block.rules):
                new = f"q.k_{column}"
            source = f"""FROM w{block.number} q JOIN {STORE}.{block.table} t ON {resolver.same_row(block)}
                WHERE q.row_state = 'changed' AND {resolver.differs(block, column)}"""
            count = resolver.staging.value(f"SELECT count(*) {source}")
            if not count:
                continue
            for key, before, after in resolver.staging.run(f"SELECT q.source_key, {old}, {new} {source} ORDER BY q.n LIMIT {SHOWN}"):
                place = {"table": block.table, "key": resolver.key_shown(key), "field": column}
                yield t("imports.change", **place, old=clipped(before or ""), new=clipped(after or ""))
            if count > SHOWN:
                yield t("imports.changes_more", table=block.table, field=column, n=count - SHOWN, count=count - SHOWN)
