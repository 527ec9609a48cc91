"""A record of changes to be tampered with: single entries, sign-ins, imports with and without free numbers before them, erased values."""

from __future__ import annotations

from pathlib import Path
from random import Random

import duckdb

from core.base.config import read_settings
from core.base.rights import Viewer
from core.operations.installation import open_installation
from core.store import bulk_entries, close_store, engine, now, writer
from core.store.audit import verification
from core.store.audit.high_water_mark import Head, head_mark
from core.store.database import last_change
from core.store.staging import Staging

T = verification.TABLE
SYSTEM = Viewer.system("mutations")
PIECE, BATCH = 100, 9
# How many numbers each import leaves free before its entries.
FREE = (0, 13, 250)


class Record:
    """A copy of a record as somebody with the file alone has it: to be changed at will and given back."""

    def __init__(self, file: Path, mark: Head) -> None:
        self.mark = mark
        self.root = duckdb.connect(":memory:", config={"threads": 1})
        self.root.execute(f"ATTACH '{file}' AS kundenblick")
        self.root.execute("USE kundenblick.data")
        self.last = last_change(self.root)[0]
        self.numbers: list[int] = [row["n"] for row in self.ask(f"SELECT audit_entry_id AS n FROM {T} ORDER BY 1")]

    def ask(self, query: str, **parameters: object) -> list[dict[str, object]]:
        cursor = self.root.execute(query, parameters) if parameters else self.root.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def next_to(self, number: int, step: int) -> int:
        """Return the number of the entry before (-1) or after (1) an entry."""
        return self.numbers[self.numbers.index(number) + step]

    def row(self, number: int) -> dict[str, object]:
        return self.ask(f"SELECT * FROM {T} WHERE audit_entry_id = $n", n=number)[0]

    def set(self, number: int, **values: object) -> None:
        for column, value in values.items():
            self.root.execute(f"UPDATE {T} SET {column} = ? WHERE audit_entry_id = ?", [value, number])

    def add(self, row: dict[str, object]) -> None:
        self.root.execute(f"INSERT INTO {T} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))

    def remove(self, first: int, last: int) -> None:
        self.root.execute(f"DELETE FROM {T} WHERE audit_entry_id BETWEEN ? AND ?", [first, last])

    def examine(self) -> verification.AuditReport:
        return verification.examine_record(self.ask, last_change(self.root), self.mark)


def build(folder: Path) -> tuple[Path, Head]:
    """A record of single entries, sign-ins, batches of an import, erased values; returns its file and its mark."""
    settings = read_settings({"KUNDENBLICK_DATA": str(folder)})
    close_store()
    open_installation(settings)
    random, pieces = Random(7), (bulk_entries.PIECE_ENTRIES, verification.PIECE_ENTRIES)
    bulk_entries.PIECE_ENTRIES, verification.PIECE_ENTRIES = BATCH, PIECE
    try:
        with writer(SYSTEM) as tx:
            anna = Viewer.staff(tx.insert("staff_member", name="Anna", email="anna@kanzlei.example", role="owner", created_at=now()))
            accounts = [tx.insert("account", number=f"{n}", name=f"Kunde {n}", created_at=now()) for n in range(6)]
        for turn in range(3):
            for place in range(12):
                with writer(anna) as tx:
                    tx.update("account", random.choice(accounts), name=f"Geheim {turn}:{place}", kind=random.choice(["person", "company"]))
                    tx.note("signed_in", "staff_member", 1)
                    tx.note("exported", "file", text=f"10:{place} Kunden.csv")
            _batch(folder, 20 + turn, FREE[turn])
            with writer(SYSTEM) as tx:
                tx.erase("account", accounts[turn], field="name")
            with writer(anna) as tx:
                tx.update("account", accounts[turn], name=f"Wieder {turn}")
    finally:
        bulk_entries.PIECE_ENTRIES = pieces[0]
    mark = engine().audit_head
    close_store()
    assert head_mark(settings.database) == mark
    return settings.database, mark


def _batch(folder: Path, rows: int, free: int) -> None:
    staging = Staging(engine(), folder)
    entries = f"""SELECT CASE WHEN i % 3 = 0 THEN 'created' ELSE 'changed' END AS action, 'contact' AS entity, 3000 + i AS entity_id,
        NULL::BIGINT AS account_id, 3000 + i AS contact_id, CASE WHEN i % 3 > 0 THEN 'city' END AS field, NULL::VARCHAR AS old_value,
        CASE WHEN i % 3 > 0 THEN 'Ort ' || i END AS new_value FROM range({rows}) r(i)"""
    try:
        taken = bulk_entries.Entries(staging, entries, Viewer.staff(2, "import"))
        with writer(SYSTEM) as tx:
            taken.write_rows(tx, tx.head[0] + free)
            taken.write_hashes(tx)
    finally:
        staging.close()
