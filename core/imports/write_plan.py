"""Turn resolved rows into rows of the store: write_plan ids, their entries, and the accounts whose figures change."""

from __future__ import annotations

from core.imports.mapping import Block
from core.imports.own_views import TABLE, write_views
from core.imports.plan import Plan, differs
from core.overview.figures import FIGURES_FROM
from core.store import bulk_entries
from core.store.staging import STORE, Staging
from core.store.tables import TABLES

_ENTRY = "action, entity, entity_id, account_id, contact_id, field, old_value, new_value"
NONE = "SELECT NULL::BIGINT AS account_id WHERE FALSE"


class WritePlan:
    """The tables ``f<block>`` of new and changed rows; new objects have ids above ``base``."""

    def __init__(self, plan: Plan, staging: Staging, base: int) -> None:
        self.plan, self.staging, self.base = plan, staging, base
        self.blocks = plan.mapping.blocks
        for block in self.blocks:
            self._make(block)
        self._touched()

    def _make(self, block: Block) -> None:
        i, spec = block.number, TABLES[block.table]
        ids = [rule.column for rule in block.rules if rule.of]
        if "account_id" in self.plan.derived(block) and "account_id" not in ids:
            ids.append("account_id")
        if spec.has_id:
            ids.append("object_id")
        replaced = [f"CASE WHEN {c} < 0 THEN {self.base} - {c} ELSE {c} END AS {c}" for c in ids]
        if spec.one_field:
            replaced.append(f"CASE WHEN member < 0 THEN CAST({self.base} - member AS VARCHAR) ELSE value END AS value")
        inner = f"SELECT * REPLACE ({', '.join(replaced)}) FROM w{i}" if replaced else f"SELECT * FROM w{i}"
        file = ""
        if self.plan.has_file(block):
            file = ", CASE WHEN file_stays THEN file_here WHEN source_path IS NOT NULL THEN object_id || '-' || left(sha256, 12) || ending END AS file"
        order = ", ".join("object_id" if spec.has_id and c == spec.key[0] else c for c in spec.order if spec.has_id or c in ids)
        self.staging.run(
            f"""CREATE OR REPLACE TABLE f{i} AS SELECT *{file} FROM ({inner}) WHERE row_state IN ('new', 'changed')
            ORDER BY {order + ", " if order else ""}n"""
        )
        if block.table == TABLE and self.plan.mapping.is_own(block):
            write_views(self.plan, block, f"f{i}", lambda number: self.base - number if number < 0 else number)

    def written(self, block: Block) -> list[str]:
        """Return the columns a block writes."""
        columns = self.plan.written(block)
        return [*columns, "file"] if self.plan.has_file(block) else columns

    def rows(self, table: str, *columns: str, where: str = "TRUE") -> str:
        """Return a SELECT of the new and changed rows of a table from all its blocks; columns a block does not bring are NULL."""
        kinds = self.plan.columns[table]
        parts = []
        for block in self.plan.by_table.get(table, ()):
            own = {*self.written(block), "object_id", "row_state"}
            picked = [f"{c} AS {c}" if c in own else f"CAST(NULL AS {kinds[c][0]}) AS {c}" for c in columns]
            parts.append(f"SELECT {', '.join(picked)} FROM {self.staging.name}.main.f{block.number} WHERE {where}")
        if parts:
            return " UNION ALL ".join(parts)
        nothing = [f"CAST(NULL AS {kinds[c][0] if c in kinds else 'BIGINT'}) AS {c}" for c in columns]
        return f"SELECT {', '.join(nothing)} WHERE FALSE"

    def on(self, block: Block, rows: str) -> str:
        """Return SQL for *the row ``t`` of the store is this one*."""
        spec, own = TABLES[block.table], self.plan.written(block)
        if spec.has_id:
            return f"t.{spec.key[0]} = {rows}.object_id"
        return " AND ".join(f"t.{c} IS NOT DISTINCT FROM {f'{rows}.{c}' if c in own else 'NULL'}" for c in spec.key)

    def entries(self) -> str:
        """Return the SELECT of the entries: one per new row, one per changed field; a custom value is a change of its field."""
        parts = []
        for block in self.blocks:
            i, spec, own = block.number, TABLES[block.table], self.written(block)
            if not spec.audited:
                continue
            entity = "f.object_id" if spec.has_id else f"f.{spec.names}" if spec.names in own else "NULL::BIGINT"
            account = "f.object_id" if block.table == "account" else "f.account_id" if "account_id" in own else "NULL::BIGINT"
            contact = "f.object_id" if block.table == "contact" else "f.contact_id" if "contact_id" in own else "NULL::BIGINT"
            place = f"'{block.table}', {entity}, {account}, {contact}"
            made = "NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR"
            if spec.one_field:
                made = "'value', NULL::VARCHAR, f.value"
            elif apart := spec.told_apart_by:
                made = f"'{apart}', NULL::VARCHAR, CAST(f.{apart} AS VARCHAR)"
            action = "changed" if spec.one_field else "created"
            parts.append(f"SELECT '{action}', {place}, {made} FROM f{i} f WHERE row_state = 'new'")
            for column in own:
                if column in {*spec.key, *spec.unique}:
                    continue
                kind = self.plan.columns[block.table][column][0]
                old, new = bulk_entries.recorded(f"t.{column}", kind), bulk_entries.recorded(f"q.{column}", kind)
                parts.append(
                    f"""SELECT 'changed', {place.replace("f.", "q.")}, '{column}', {old}, {new} FROM f{i} q
                    JOIN {STORE}.{block.table} t ON {self.on(block, "q")} WHERE q.row_state = 'changed' AND {differs(block.table, column)}"""
                )
        parts += [part for table in self.plan.taken_away for part in self._removed(table)]
        if not parts:
            return f"SELECT * FROM (SELECT {', '.join(f'NULL AS {c}' for c in _ENTRY.split(', '))}) AS e WHERE FALSE"
        parts[0] = f"SELECT * FROM ({parts[0]}) AS e({_ENTRY})"
        return " UNION ALL ".join(parts)

    def _removed(self, table: str) -> list[str]:
        """Return the SELECTs of the entries of removed rows, one per field with a value, as ``Tx.delete`` leaves them."""
        spec, columns = TABLES[table], self.plan.columns[table]
        entity = f"t.{spec.key[0]}" if spec.has_id else f"t.{spec.names}" if spec.names else "NULL::BIGINT"
        account, contact = (f"t.{c}" if c in columns else "NULL::BIGINT" for c in ("account_id", "contact_id"))
        same = " AND ".join(f"t.{c} = d.{c}" for c in spec.key)
        action, told = ("changed", ["value"]) if spec.one_field else ("deleted", [c for c in columns if c not in ("version", *spec.secret)])
        return [
            f"""SELECT '{action}', '{table}', {entity}, {account}, {contact}, '{c}', {bulk_entries.recorded(f"t.{c}", columns[c][0])}, NULL
            FROM {STORE}.{table} t JOIN del_{table} d ON {same} WHERE t.{c} IS NOT NULL"""
            for c in told
        ]

    def _touched(self) -> None:
        """Make tables of account ids, ``touched`` (figures change) and ``stated`` (state may change), and ``met``, the existing rows that were compared."""
        figures: list[str] = []
        states: list[str] = []
        for block in self.blocks:
            i, own = block.number, self.plan.written(block)
            if block.table == "account":
                for into in (figures, states):
                    into.append(f"SELECT object_id AS account_id FROM f{i}")
            elif block.table in FIGURES_FROM and "account_id" in own:
                figures.append(f"SELECT account_id FROM f{i}")
            elif block.table == "email_access":
                states.append(f"SELECT account_id FROM f{i}")
        figures += [f"SELECT account_id FROM del_{table}" for table in FIGURES_FROM.intersection(self.plan.taken_away)]
        states += [f"SELECT account_id FROM del_{table}" for table in self.plan.taken_away if table == "email_access"]
        for name, parts in (("touched", figures), ("stated", states)):
            union = " UNION ".join(parts) or NONE
            self.staging.run(
                f"CREATE OR REPLACE TABLE {name} AS SELECT DISTINCT account_id FROM ({union}) WHERE account_id IS NOT NULL ORDER BY 1"
            )
        met = []
        for block in self.blocks:
            if TABLES[block.table].has_id:
                met.append(f"SELECT '{block.table}' AS entity, object_id AS id FROM w{block.number} WHERE object_id > 0")
            met += [f"SELECT '{r.of}', {r.column} FROM w{block.number} WHERE {r.column} > 0" for r in block.rules if r.of]
        met += [part for table in self.plan.taken_away for part in _met_removed(table)]
        met.append(f"SELECT 'account' AS entity, account_id AS id FROM touched WHERE account_id <= {self.base}")
        self.staging.run(f"CREATE OR REPLACE TABLE met AS SELECT DISTINCT entity, id FROM ({' UNION ALL '.join(met)}) AS m(entity, id)")


def _met_removed(table: str) -> list[str]:
    """Return SELECTs of the rows that are removed, and of the clients and contacts they belong to."""
    spec = TABLES[table]
    own = [f"SELECT '{table}', {spec.key[0]} FROM del_{table}"] if spec.has_id else []
    return own + [f"SELECT '{of}', {c} FROM del_{table}" for c, of in spec.references.items() if of in ("account", "contact")]
