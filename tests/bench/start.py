"""Start to first page served: on an empty folder with the sample firm still to be built, and with it in place."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from core.base.config import read_settings
from core.operations.installation import open_installation
from core.store import close_store
from tests.bench.frame import ROOT, Context, Row, at_most, median
from tests.bench.served import WholeServer
from tests.conftest import build_firm


def sample(context: Context) -> Path:
    """The data folder of a sample firm, built once for all benches; tiny: of the tests' small firm."""
    return context.once("sample", lambda: _build(context))


def _build(context: Context) -> Path:
    data = context.folder / "sample" / "data"
    data.parent.mkdir(parents=True)
    if context.tiny:
        open_installation(read_settings({}, data=str(data)))
        build_firm()
        close_store()
        return data
    environ = os.environ | {"KUNDENBLICK_DATA": str(data)}
    subprocess.run([sys.executable, "-m", "core", "demo"], cwd=ROOT, env=environ, check=True, timeout=600, stdout=subprocess.DEVNULL)
    return data


def _serve_once(data: Path) -> None:
    server = WholeServer(data)
    try:
        assert "<script" in httpx.get(server.url, timeout=10).text
    finally:
        server.stop()


def _taken(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of computing in child processes."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows(context: Context) -> Iterator[Row]:
    building = _taken(lambda: sample(context))
    first = _taken(lambda: _serve_once(sample(context)))
    more = f", {building[1] + first[1]:.1f} s of computing"
    yield at_most("first start, sample firm built", building[0] + first[0], 20, "s", more=more)
    again = [_taken(lambda: _serve_once(sample(context))) for _ in range(context.rounds(3, 1))]
    more = f", {median([cpu for _, cpu in again]):.1f} s of computing"
    yield at_most("start to first page served, sample firm in place", median([clock for clock, _ in again]), 3, "s", more=more)
