"""One owner of the database: commands ask the running server over a unix socket, and open the store when none runs."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from core.audit import examination
from core.base.config import Settings
from core.base.errors import AppError, StoreAhead, StoreBehind, StoreCopied, ValidationFailed
from core.clients import recent_accounts
from core.clients.recent_accounts import OpenedAccounts
from core.documents import stored_files
from core.i18n import language, sentence, speaking, t
from core.imports.run import sweep
from core.mail import notifications, outbox
from core.operations import tidy
from core.operations.backup import schedule
from core.operations.backup.restore import note_restored
from core.operations.backup.temp_folder import PUTTING_BACK, sweep_parts, sweep_work
from core.operations.commands import COMMANDS, REFUSED
from core.operations.installation import open_installation
from core.overview import card_cache
from core.overview.card_invalidation import StaleCardQueue
from core.store import close_store, engine

log = logging.getLogger("kundenblick")
NAME, LONGEST, PATIENCE = "control.sock", 1_000_000, 10.0
# The exit code of a command that was ended with Ctrl+C.
INTERRUPTED = 130
Say = Callable[[str], None]


def perform(settings: Settings, command: str, arguments: dict[str, object], say: Say, known: dict = COMMANDS) -> int:
    """Run one command on the open store; an error is said. Returns the exit code."""
    try:
        return known[command](settings, say, **arguments)
    except ValidationFailed as failed:
        for code, values in failed.problems.values():
            say(t(f"errors.{code}", **values))
    except AppError as problem:
        say(sentence(problem))
    return 1


def run(settings: Settings, command: str, arguments: dict[str, object], say: Say) -> int:
    """Have a command done by the server that has this store open, or do it here when there is none."""
    asked = _ask(settings, command, arguments, say)
    if asked is not None:
        return asked
    try:
        open_installation(settings)
    except AppError as problem:
        say(sentence(problem))
        if command in REFUSED and isinstance(problem, StoreBehind | StoreAhead | StoreCopied):
            return perform(settings, command, arguments, say, REFUSED)
        return 1
    try:
        _sweep(settings, say)
        return perform(settings, command, arguments, say)
    finally:
        close_store()


def _sweep(settings: Settings, say: Say) -> None:
    """What a kill left behind goes; a restore that was interrupted is told of, one that was done is recorded."""
    sweep(settings)
    stored_files.sweep(settings)
    if any(name.startswith(PUTTING_BACK) for name in sweep_work(settings)):
        say(t("cli.restore.stopped"))
    if settings.backups.is_dir():
        sweep_parts(settings.backups)
    if restored := note_restored(settings):
        say(t("cli.restore.recorded", backup=restored))


@contextmanager
def serve(settings: Settings) -> Iterator[None]:
    """Answer commands, sweep what interrupted imports and saves left, and tidy at night, as long as the block lasts."""
    _sweep(settings, log.warning)
    end = threading.Event()
    with _listening(settings) as listener:
        threads = [
            threading.Thread(target=_accept, args=(settings, listener, end), name="control", daemon=True),
            threading.Thread(target=_nightly, args=(settings, end), name="nightly", daemon=True),
            threading.Thread(target=schedule.run, args=(settings, end), name="backups", daemon=True),
            threading.Thread(target=outbox.run, args=(settings, end), name="mail", daemon=True),
            threading.Thread(target=card_cache.run, args=(end,), name="cards", daemon=True),
            threading.Thread(target=recent_accounts.run, args=(end,), name="recent", daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            end.set()
            notifications.waiting.set()
            engine().held(StaleCardQueue).note_unknown()
            engine().held(OpenedAccounts).wake()
            for thread in threads:
                thread.join(PATIENCE)


@contextmanager
def _address(settings: Settings) -> Iterator[str]:
    """The socket's address through the open folder: a path may be longer than an address."""
    folder = os.open(settings.data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{NAME}"
    finally:
        os.close(folder)


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    # Only the process that owns the store comes here, so a socket that lies about belongs to nobody.
    file = settings.data / NAME
    file.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener, _address(settings) as address:
        os.fchmod(listener.fileno(), 0o600)
        listener.bind(address)
        file.chmod(0o600)
        listener.listen(8)
        listener.settimeout(0.5)
        try:
            yield listener
        finally:
            file.unlink(missing_ok=True)


def _accept(settings: Settings, listener: socket.socket, end: threading.Event) -> None:
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
    connection.settimeout(PATIENCE)
    # What could not be sent to somebody who has gone fails once more as the stream is closed.
    with contextlib.suppress(OSError), connection, connection.makefile("rw", encoding="utf-8") as stream:

        def send(**message: object) -> None:
            # Whoever asked may have gone; the command goes on.
            with contextlib.suppress(OSError):
                print(json.dumps(message, ensure_ascii=False), file=stream, flush=True)

        code = 1
        try:
            request = json.loads(stream.readline(LONGEST))
            command, arguments, language = request["command"], dict(request["arguments"]), str(request.get("language", "de"))
        except (OSError, ValueError, KeyError, TypeError):
            log.exception("a command could not be understood")
            command, arguments, language = "", {}, "de"
        with speaking(language):
            try:
                if command in COMMANDS:
                    code = perform(settings, command, arguments, lambda line: send(line=line))
            except Exception:
                log.exception("a command failed")
                send(line=t("cli.failed"))
        send(exit=code)


def _ask(settings: Settings, command: str, arguments: dict[str, object], say: Say) -> int | None:
    if not (settings.data / NAME).exists():
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking, _address(settings) as address:
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


def due(settings: Settings, moment: datetime, last: date | None) -> bool:
    """Whether the hour for tidying has come and this day has not had it yet."""
    return moment.hour == settings.tidy_at_hour and last != moment.date()


def _nightly(settings: Settings, end: threading.Event) -> None:
    last: date | None = None
    while not end.wait(60):
        moment = datetime.now().astimezone()
        if not due(settings, moment, last):
            continue
        last = moment.date()
        try:
            # Whoever keeps the log keeps the head: neither can be taken back by who can write this folder alone.
            log.info("head of the record of changes: %s:%s", *examination.head())
            if tidy.needed():
                log.info("tidied %s rows", tidy.tidy())
        except AppError as problem:
            log.warning("tidying was put off: %s", problem)
