"""``make bench [SIZE=S|L] [ONLY=page,crowd] [WRITE=1]``: every bench of this folder by name, one table of what was measured."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.store import close_store
from tests.bench.frame import ACCOUNTS, ROOT, Bench, Context, Row, as_markdown, as_text, cannot, machine

RESULTS = Path(__file__).parent / "RESULTS.md"


def benches() -> dict[str, Bench]:
    """Every module here that has ``rows``, by name, in the order of their names."""
    found = {}
    for file in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        if "\ndef rows(" in file.read_text("utf-8"):
            found[file.stem] = importlib.import_module(f"tests.bench.{file.stem}")
    return found


def run(name: str, bench: Bench, context: Context) -> Iterator[Row]:
    """The rows of one bench; one that breaks says so in a row and leaves the others alone."""
    print(f"{name}:", file=sys.stderr, flush=True)
    try:
        yield from bench.rows(context)
    except Exception as problem:
        traceback.print_exc()
        yield Row(name, "", f"failed: {type(problem).__name__}: {str(problem)[:200]}", "", False)
    finally:
        close_store()


def main() -> int:
    known = benches()
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--size", choices=ACCOUNTS, default="S", help="how large the bench firm is")
    options.add_argument("--only", default="", help=f"some of {', '.join(known)}")
    options.add_argument("--write", action="store_true", help="write the table to tests/bench/RESULTS.md as well")
    given = options.parse_args()
    chosen = [name for name in given.only.replace(" ", "").split(",") if name] or list(known)
    if strange := set(chosen) - set(known):
        options.error(f"no bench {', '.join(sorted(strange))}; there are {', '.join(known)}")
    first = f"{machine()} · {datetime.now(UTC):%Y-%m-%d %H:%M} UTC · size {given.size}"
    print(first, flush=True)
    found: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        context = Context(given.size, Path(folder), ROOT / ".bench" / given.size)
        for name in chosen:
            for row in run(name, known[name], context):
                print(f"  {row.what}: {row.measured} {row.verdict}", file=sys.stderr, flush=True)
                found.append(row)
    found = found or [cannot("nothing", "no bench was chosen")]
    print(f"\n{as_text(first, found)}")
    if given.write:
        command = f"make bench SIZE={given.size}" + (f" ONLY={given.only}" if given.only else "")
        RESULTS.write_text(as_markdown(first, command, found), "utf-8")
    return 1 if any(row.measured.startswith("failed:") for row in found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
