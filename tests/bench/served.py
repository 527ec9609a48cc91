"""A Streamlit script of the benches' own behind a port of its own, and the app as it is started outside the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.bench.frame import ROOT
from tests.conftest import Server, free_port


class WholeServer(Server):
    """The app started by the interpreter alone: what a fork would spare is measured here."""

    def begin(self, words: list[str], environ: dict[str, str]) -> subprocess.Popen:
        return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environ, stdout=self.log, stderr=self.log)


@contextmanager
def served(script: str, folder: Path, **environ: str) -> Iterator[str]:
    """The address of ``tests/bench/<script>`` while it runs."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", f"tests/bench/{script}", "--server.port", str(port)]
    with open(folder / f"{script}.log", "ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environ, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _await(f"{url}/_stcore/health", process, folder / f"{script}.log")
            yield url
        finally:
            process.terminate()
            process.wait(20)


def _await(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(log.read_text()[-2000:])
