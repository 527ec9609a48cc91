"""Random mutations of the record of changes: each must be found, at the right entry, and a record nobody touched must pass.

python tests/faults/audit_mutations.py [COUNT] [SEED]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.store.audit import verification
from core.store.audit.high_water_mark import Head
from core.store.database import last_change
from tests.faults.audit_record import PIECE, Record, build
from tests.faults.audit_tampering import MUTATIONS


def run(file: Path, mark: Head, count: int, seed: int) -> list[str]:
    """Try that many mutations; returns what was not found, or found at the wrong entry, or found where nothing was wrong."""
    record, missed = Record(file, mark), []
    pieces, verification.PIECE_ENTRIES = verification.PIECE_ENTRIES, PIECE
    try:
        for turn in range(count):
            mutate, random = MUTATIONS[turn % len(MUTATIONS)], Random(seed * 1_000_000 + turn)
            record.root.execute("BEGIN")
            try:
                expected = mutate(record, random)
                found = _finding(record)
            finally:
                record.root.execute("ROLLBACK")
            if found is None:
                missed.append(f"{turn} {mutate.__name__}: not found")
            elif expected is not None and not found.number <= expected <= max(found.last, found.number):
                missed.append(f"{turn} {mutate.__name__}: {found}, expected {expected}")
            if turn % 10 == 0 and (false := _finding(record)):
                missed.append(f"{turn}: {false} in a record nobody touched")
    finally:
        verification.PIECE_ENTRIES = pieces
        record.root.close()
    return missed


def _finding(record: Record) -> verification.Finding | None:
    """What the examination says, or the opening before it: a file that was closed in order holds nothing after its mark."""
    if found := record.examine().finding:
        return found
    last = last_change(record.root)[0]
    return verification.Finding("inserted", record.mark[0] + 1, last) if last > record.mark[0] else None


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        file, mark = build(Path(folder) / "data")
        missed = run(file, mark, count, seed)
    for line in missed:
        print(line)
    print(f"{count} mutations of a record up to {mark[0]}, {len(missed)} missed, {time.monotonic() - began:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
