"""Start the app's commands and servers as forks of a process that has read their modules: the same app, a second of computing less each.

``python -m tests.forked 3`` is that process; it takes orders over descriptor 3. A fork has arguments, environment, folder and standard
streams of its own, and what is decided when a command starts (``core.operations.cli``, settings, the language of the terminal) is decided there. The
tests of the start and of the command line also run the interpreter anew.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, ClassVar

ROOT = Path(__file__).parents[1]
# What takes most of a start; none of it looks at the environment, begins a thread, opens a file of ours or, as core.ui, says whose words
# are spoken.
MODULES = (
    "streamlit.web.bootstrap", "streamlit.web.server", "streamlit.web.cli", "pandas", "pyarrow", "duckdb", "typer", "uvicorn", "PIL.Image",
    "core.operations.all_commands", "core.operations.background", "core.web.routes", "core.web.lifespan", "core.web.guard", "core.web.request_log",
)  # fmt: skip
MAX_ORDER_BYTES = 2**18
STREAMS = 3


class Forked:
    """A fork that runs; answers what ``subprocess.Popen`` answers."""

    def __init__(self, pid: int, answers: socket.socket) -> None:
        self.pid, self._answers = pid, answers
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        if self._ended(timeout) is None:
            raise subprocess.TimeoutExpired("a fork", timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            self._answers.settimeout(timeout)
            with contextlib.suppress(TimeoutError, BlockingIOError):
                self.returncode = int(self._answers.recv(64))
                self._answers.close()
        return self.returncode


class Forker:
    """The process that forks; one a worker of the tests, started when it is first asked for."""

    one: ClassVar[Forker | None] = None

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "tests.forked", str(theirs.fileno())]
        # As `core serve` sets it for itself, which must stand before a process begins.
        environ = os.environ | {"MALLOC_ARENA_MAX": "2"}
        self._process = subprocess.Popen(command, cwd=ROOT, env=environ, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()

    def start(self, words: Sequence[str], environ: Mapping[str, str], streams: Sequence[int], cwd: Path = ROOT) -> Forked:
        answers, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        order = json.dumps({"words": list(words), "environ": dict(environ), "cwd": str(cwd)}).encode()
        with theirs:
            socket.send_fds(self._orders, [order], [theirs.fileno(), *streams])
            return Forked(int(answers.recv(64)), answers)


def start(words: Sequence[str], environ: Mapping[str, str], stdout: BinaryIO, stderr: BinaryIO, stdin: BinaryIO | None = None) -> Forked:
    """Start ``python`` with ``-m module …`` or ``-c code …``, as a fork in the project's folder."""
    Forker.one = Forker.one or Forker()
    with open(os.devnull, "rb") as nothing:
        return Forker.one.start(words, environ, [(stdin or nothing).fileno(), stdout.fileno(), stderr.fileno()])


def run(words: Sequence[str], environ: Mapping[str, str], put_in: str | bytes = "", timeout: float = 60) -> subprocess.CompletedProcess:
    """Start it and wait for its end; returns the exit code and the text it wrote."""
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        stdin.write(put_in.encode() if isinstance(put_in, str) else put_in)
        stdin.seek(0)
        running = start(words, environ, stdout, stderr, stdin)
        try:
            code = running.wait(timeout)
        except subprocess.TimeoutExpired:
            running.kill()
            raise
        stdout.seek(0)
        stderr.seek(0)
        return subprocess.CompletedProcess(words, code, stdout.read().decode(), stderr.read().decode())


class BecomeAnother(BaseException):
    """A process that replaces itself by another program: the fork runs that in itself."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words


def become(program: str, words: Sequence[str]) -> None:
    """Stand for ``os.execv`` in a fork; only our own interpreter is ever called so."""
    assert program == sys.executable, program
    raise BecomeAnother(words[1:])


def run_as_python(words: Sequence[str]) -> None:
    """Run what the interpreter would with these words."""
    how, what, *rest = words
    try:
        sys.argv = [what if how == "-m" else how, *rest]
        if how == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - what a test wrote itself
    except BecomeAnother as another:
        run_as_python(another.words)


def end_with(run: Callable[[Sequence[str]], None], words: Sequence[str]) -> None:
    """Run it and end as the interpreter would, but for taking down its modules, which belong to the process that was forked."""
    code = 0
    try:
        run(words)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except BaseException:
        traceback.print_exc()
        code = 1
    with contextlib.suppress(BaseException):
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def take_orders(orders: socket.socket) -> Sequence[str] | None:
    """Fork for each order and say how each fork ended. Returns in a fork, with what it is to run, and at the end, with None."""
    children: dict[int, socket.socket] = {}
    heard, told = socket.socketpair()
    told.setblocking(False)
    heard.setblocking(False)
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([orders, heard], [], [])
        if heard in ready:
            with contextlib.suppress(BlockingIOError):
                heard.recv(4096)
            while children:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                with children.pop(pid) as answer, contextlib.suppress(OSError):
                    answer.send(str(os.waitstatus_to_exitcode(status)).encode())
        if orders not in ready:
            continue
        order, descriptors, _, _ = socket.recv_fds(orders, MAX_ORDER_BYTES, STREAMS + 1)
        if not order:
            return None
        pid = os.fork()
        if pid:
            answer = socket.socket(fileno=descriptors[0])
            answer.send(str(pid).encode())
            children[pid] = answer
            for descriptor in descriptors[1:]:
                os.close(descriptor)
            continue
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for place, descriptor in enumerate(descriptors[1:]):
            os.dup2(descriptor, place)
        for held in (orders, heard, told, *children.values()):
            held.close()
        for descriptor in descriptors:
            os.close(descriptor)
        asked = json.loads(order)
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update(asked["environ"])
        os.execv = become
        return asked["words"]


if __name__ == "__main__":
    for module in MODULES:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    if (to_run := take_orders(socket.socket(fileno=int(sys.argv[1])))) is not None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as the fork runs
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False, errors="backslashreplace", buffering=1)  # noqa: SIM115
        end_with(run_as_python, to_run)
    os._exit(0)
