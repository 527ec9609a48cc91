"""`make bench` runs, and says of each figure whether it was reached."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.bench.__main__ import benches, run
from tests.bench.frame import Context, as_markdown, as_text, at_most, cannot

ROOT = Path(__file__).parents[1]


class Broken:
    @staticmethod
    def rows(_: Context):
        yield at_most("first", 2.0, 1, "ms")
        raise ValueError("no such table")


def test_every_figure_is_told_and_a_missed_one_stays_marked(tmp_path):
    found = [
        *run("broken", Broken, Context("tiny", tmp_path, tmp_path)),
        at_most("second", 0.5, 1, "×"),
        cannot("third", "no PostgreSQL here"),
    ]
    text, markdown = as_text("2 cores", found), as_markdown("2 cores", "make bench", found)
    assert [row.verdict for row in found] == ["MISSED", "MISSED", "ok", ""]
    for said in ("first", "2.00 ms", "≤ 1 ms", "failed: ValueError: no such table", "0.50×", "not measured: no PostgreSQL here"):
        assert said in text and said in markdown, said


def test_a_bench_is_a_module_with_rows():
    known = benches()
    assert known
    assert all(callable(bench.rows) for bench in known.values())


def test_the_command_runs():
    command = [sys.executable, "-m", "tests.bench", "--size", "tiny", "--only", "crowd"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"crowd: errors +≤ 0 +0 .*ok", done.stdout), done.stdout
