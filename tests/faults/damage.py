"""Bits of the database and of its log turned over, ends cut off: an error or the identical state, never silently less.

python tests/faults/damage.py [COUNT] [SEED]

Half of them on a database that was closed in order, half on one whose program was killed, with its log beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.base.errors import AppError
from core.operations.installation import open_installation
from core.overview.work import add_note
from core.store import close_store, engine, now, reader, writer
from core.store.tables import TABLES
from tests.conftest import build_firm
from tests.faults.kill_at_every_statement import SYSTEM, apart, settings_of

FILE, LOG = "kundenblick.duckdb", "kundenblick.duckdb.wal"


def fill(data: Path, *, killed: bool) -> None:
    """A firm with some work in it, written into the file in pieces; ``killed`` leaves the last of it in the log."""
    open_installation(settings_of(data))
    firm, random = build_firm(), Random(7)
    for turn in range(50):
        add_note(firm.account("own"), {"text": f"{turn} {random.randbytes(400).hex()}"})
        if turn in (15, 35):
            engine().checkpoint()
    with writer(SYSTEM) as tx:
        # Nothing of a session stands in the record of changes.
        tx.insert("session", token_hash="x" * 64, staff_member_id=firm.owner, created_at=now(), last_used_at=now())
    if killed:
        engine().head.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    close_store()


def state(data: Path) -> str:
    """Everything the store holds, or that it says it cannot be had."""
    try:
        open_installation(settings_of(data))
        with reader(SYSTEM) as r:
            rows = [r.rows(f"SELECT count(*) AS n, bit_xor(hash(t)) AS h FROM kundenblick.data.{table} t")[0] for table in sorted(TABLES)]
        close_store()
    except AppError as problem:
        return f"refused: {problem.code}"
    return str([(row["n"], row["h"]) for row in rows])


def twin(data: Path, other: Path) -> None:
    """A copy that passes for the file itself, whose program was killed: copies of a file in use are refused unread."""
    shutil.copytree(data, other)
    mark = other / "kundenblick.head"
    mark.write_text(json.dumps(json.loads(mark.read_text("utf-8")) | {"inode": (other / FILE).stat().st_ino}), "utf-8")


def damage(file: Path, random: Random) -> str:
    """Turn one bit over, or cut the end off; returns what was done."""
    size = file.stat().st_size
    if random.random() < 0.25:
        keep = random.randrange(size)
        os.truncate(file, keep)
        return f"{file.name} cut to {keep} of {size}"
    place, bit = random.randrange(size), random.randrange(8)
    with file.open("r+b") as content:
        content.seek(place)
        byte = content.read(1)[0]
        content.seek(place)
        content.write(bytes([byte ^ (1 << bit)]))
    return f"{file.name}: bit {bit} of byte {place} of {size}"


def tries(folder: Path, count: int, seed: int = 1) -> dict[str, int]:
    """Damage so many copies; returns how each ended. Raises AssertionError for a state that is neither an error nor the same."""
    random, report, ended = Random(seed), folder / "report", Counter()
    starts = {}
    for name in ("closed", "killed"):
        assert apart(lambda name=name: fill(folder / name, killed=name == "killed"), report) == (0 if name == "closed" else -signal.SIGKILL)
        twin(folder / name, folder / "whole")
        assert apart(lambda: state(folder / "whole"), report) == 0, report.read_text("utf-8")
        starts[name] = eval(report.read_text("utf-8"))  # noqa: S307 - the text of a text, written by us
        assert starts[name].startswith("[")
        shutil.rmtree(folder / "whole")
    for turn in range(count):
        name = ("closed", "killed")[turn % 2]
        data = folder / "damaged"
        twin(folder / name, data)
        done = damage(data / (LOG if name == "killed" and random.random() < 0.7 else FILE), random)
        code = apart(lambda data=data: state(data), report)
        assert code <= 0, f"{done}: {report.read_text('utf-8')}"
        found = eval(report.read_text("utf-8")) if code == 0 else "ended"  # noqa: S307 - as above
        assert code or found.startswith("refused") or found == starts[name], f"turn {turn}, {name}: {done}: neither an error nor the same"
        ended[f"ended by signal {-code}" if code else "identical" if found == starts[name] else found] += 1
        shutil.rmtree(data)
    return dict(ended)


if __name__ == "__main__":
    count, seed = (int(given) for given in (*sys.argv[1:], *("200", "1")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as place:
        began = time.monotonic()
        print(f"{tries(Path(place), count, seed)}, {time.monotonic() - began:.0f} s", flush=True)
