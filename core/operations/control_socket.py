"""One owner of the database: commands ask the running server over a unix socket, and open the store when none runs.

A request is one line of JSON, ``{"command", "arguments", "language"}``; the answer is lines ``{"line"}`` and at last ``{"exit"}``.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from core.base.config import Settings
from core.base.errors import AppError, StoreAhead, StoreBehind, StoreCopied, ValidationFailed
from core.i18n import language, sentence, speaking, t
from core.operations.all_commands import COMMANDS
from core.operations.command_registry import Say
from core.operations.installation import open_installation
from core.operations.sweep_interrupted import sweep_leftovers
from core.store import close_store

log = logging.getLogger("kundenblick")
SOCKET_NAME = "control.sock"
MAX_REQUEST_CHARS = 1_000_000
# Seconds until a connection on which nothing moves is given up.
TIMEOUT_S = 10.0
# Seconds until the server sees that it shall no longer accept.
ACCEPT_TIMEOUT_S = 0.5
# The exit code of a command that was ended with Ctrl+C.
INTERRUPTED = 130


def perform(settings: Settings, command: str, arguments: Mapping[str, object], say: Say) -> int:
    """Run one command on the open store; an error is said. Returns the exit code."""
    return _perform(COMMANDS[command].perform, settings, arguments, say)


def _perform(function: Callable[..., int | None], settings: Settings, arguments: Mapping[str, object], say: Say) -> int:
    try:
        return function(settings, say, **arguments) or 0
    except ValidationFailed as failed:
        for code, values in failed.problems.values():
            say(t(f"errors.{code}", **values))
    except AppError as problem:
        say(sentence(problem))
    return 1


def run(settings: Settings, command: str, arguments: Mapping[str, object], say: Say) -> int:
    """Have the server that has this store open run a command, or run it here when there is none. Returns the exit code."""
    asked = ask(settings, command, arguments, say)
    if asked is not None:
        return asked
    try:
        open_installation(settings)
    except AppError as problem:
        say(sentence(problem))
        on_refused = COMMANDS[command].on_refused
        if on_refused and isinstance(problem, StoreBehind | StoreAhead | StoreCopied):
            return _perform(on_refused, settings, arguments, say)
        return 1
    try:
        sweep_leftovers(settings, say)
        return perform(settings, command, arguments, say)
    finally:
        close_store()


@contextmanager
def socket_address(settings: Settings) -> Iterator[str]:
    """Yield the socket's address through the open folder: a path may be longer than an address."""
    folder = os.open(settings.data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET_NAME}"
    finally:
        os.close(folder)


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """Yield the listening socket; its file is removed at the end."""
    # Only the process that owns the store comes here, so a socket that is there already belongs to nobody.
    file = settings.data / SOCKET_NAME
    file.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener, socket_address(settings) as address:
        os.fchmod(listener.fileno(), 0o600)
        listener.bind(address)
        file.chmod(0o600)
        listener.listen(8)
        listener.settimeout(ACCEPT_TIMEOUT_S)
        try:
            yield listener
        finally:
            file.unlink(missing_ok=True)


def accept(settings: Settings, listener: socket.socket, end: threading.Event) -> None:
    """Answer this user's requests, each in a thread, until ``end``."""
    while not end.is_set():
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        except OSError:
            return
        if _uid_of(connection) != os.getuid():
            connection.close()
            continue
        threading.Thread(target=_answer, args=(settings, connection), name="command", daemon=True).start()


def _uid_of(connection: socket.socket) -> int:
    _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return uid


def _answer(settings: Settings, connection: socket.socket) -> None:
    connection.settimeout(TIMEOUT_S)
    # What could not be sent to a client that has gone fails once more as the stream is closed.
    with contextlib.suppress(OSError), connection, connection.makefile("rw", encoding="utf-8") as stream:

        def send(**message: object) -> None:
            # The client may have gone; the command goes on.
            with contextlib.suppress(OSError):
                print(json.dumps(message, ensure_ascii=False), file=stream, flush=True)

        code = 1
        try:
            request = json.loads(stream.readline(MAX_REQUEST_CHARS))
            command, arguments, language = request["command"], dict(request["arguments"]), str(request.get("language", "de"))
        except (OSError, ValueError, KeyError, TypeError):
            log.exception("a command could not be understood")
            command, arguments, language = "", {}, "de"
        with speaking(language):
            try:
                if command in COMMANDS and not COMMANDS[command].is_local:
                    code = perform(settings, command, arguments, lambda line: send(line=line))
            except Exception:
                log.exception("a command failed")
                send(line=t("cli.failed"))
        send(exit=code)


def ask(settings: Settings, command: str, arguments: Mapping[str, object], say: Say) -> int | None:
    """Have the running server run a command. Returns its exit code, None when no server runs."""
    if not (settings.data / SOCKET_NAME).exists():
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking, socket_address(settings) as address:
        try:
            asking.connect(address)
        except OSError:
            return None
        with asking.makefile("rw", encoding="utf-8") as stream:
            request = {"command": command, "arguments": arguments, "language": language()}
            print(json.dumps(request, ensure_ascii=False), file=stream, flush=True)
            try:
                for line in stream:
                    message = json.loads(line)
                    if "exit" in message:
                        return message["exit"]
                    say(message["line"])
            except KeyboardInterrupt:
                say(t("cli.goes_on"))
                return INTERRUPTED
    say(t("cli.server_gone"))
    return 1
