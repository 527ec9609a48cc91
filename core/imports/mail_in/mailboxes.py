"""The mailboxes of the firm: named in a file, read every few minutes, each folder further than the last time."""

from __future__ import annotations

import logging
import threading
import tomllib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from core.base.config import Settings
from core.base.errors import AppError, NotAllowed
from core.base.rights import Role, Viewer
from core.i18n import speaking, t
from core.imports.mail_in.imap import Account, read_secret
from core.imports.mail_in.take import SYSTEM, Taken, staged, take_staged, want
from core.imports.worker import beside
from core.store import Tx, now, reader, writer
from core.store.staging import STORE

EVERY_S = 300
# In one go as many wanted mails are taken from a mailbox; the next go follows at once.
MOST_AT_ONCE, MOST_GOES = 2_000, 50
LANGUAGE = "de"
KEYS = {"name", "host", "port", "user", "password_file", "token_file", "tls", "ca_file", "folders"}
PROBLEMS = ("refused", "unreachable", "insecure", "broken")
log = logging.getLogger("kundenblick")


@dataclass(frozen=True)
class Mailbox:
    """A mailbox as the file names it, with how to reach it."""

    name: str
    account: Account


@dataclass(frozen=True)
class MailboxState:
    """How far a mailbox was read: when last, and the code of what kept it from being read."""

    name: str
    fetched_at: datetime
    problem: str | None


def mailboxes(settings: Settings) -> list[Mailbox]:
    """Return the mailboxes of ``mailboxes_file``; none without it. Raises AppError ``mailboxes_wrong`` with what is wrong in the file."""
    if not settings.mailboxes_file:
        return []
    try:
        values = tomllib.loads(Path(settings.mailboxes_file).read_text("utf-8"))
        listed = values["mailbox"]
        found = [_mailbox(each) for each in listed]
    except OSError as problem:
        raise AppError("mailboxes_wrong", reason=problem.strerror or "") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as problem:
        raise AppError("mailboxes_wrong", reason=str(problem)) from None
    if len({each.name for each in found}) < len(found):
        raise AppError("mailboxes_wrong", reason="name")
    return found


def _mailbox(values: dict[str, Any]) -> Mailbox:
    if strange := values.keys() - KEYS:
        raise ValueError(", ".join(sorted(strange)))
    tls = values.get("tls", True)
    if tls is not True and not _is_here(str(values["host"])):
        # A password goes over no wire unencrypted.
        raise ValueError("tls")
    if ("password_file" in values) == ("token_file" in values):
        raise ValueError("password_file, token_file")
    secret = read_secret(str(values.get("password_file") or values["token_file"]))
    folders = tuple(map(str, values.get("folders", ())))
    account = Account(
        str(values["host"]), int(values.get("port", 993)), str(values["user"]), secret, "token_file" in values, tls is True,
        str(values.get("ca_file", "")), folders,
    )  # fmt: skip
    return Mailbox(str(values.get("name") or values["user"]), account)


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def fetch_all(settings: Settings, say: Callable[[str], None]) -> bool:
    """Fetch the new mails of every mailbox, and say what came; return whether all could be read. Raises AppError for a wrong file."""
    whole = True
    for mailbox in mailboxes(settings):
        try:
            for line in lines_of(fetch(settings, mailbox)):
                say(f"{mailbox.name}: {line}")
        except AppError as problem:
            whole = False
            say(f"{mailbox.name}: {t(f'errors.{problem.code}')}")
    return whole


def fetch(settings: Settings, mailbox: Mailbox) -> Taken:
    """Fetch the new mails of one mailbox. Raises AppError ``mailbox_<problem>``, noted with the mailbox as well."""
    taken = Taken()
    try:
        for _ in range(MOST_GOES):
            if not _go(settings, mailbox, taken):
                break
    except AppError as problem:
        code = problem.code.removeprefix("mailbox_")
        _note(mailbox.name, {}, code if code in PROBLEMS else "broken")
        raise
    return taken


def _go(settings: Settings, mailbox: Mailbox, taken: Taken) -> bool:
    """Fetch once; return whether there may be more."""
    with reader(SYSTEM) as r:
        rows = r.rows(f"SELECT folder, uid_validity, last_uid FROM {STORE}.mail_folder WHERE mailbox = $name", name=mailbox.name)
    known = {row["folder"]: [row["uid_validity"], row["last_uid"]] for row in rows}
    with staged(settings) as staging:
        want(staging.folder)
        answer = beside(
            "mailbox",
            staging.folder,
            lambda _key, _values: None,
            large=True,
            account=asdict(mailbox.account),
            known=known,
            most=MOST_AT_ONCE,
        )
        if "problem" in answer:
            raise AppError(f"mailbox_{answer['problem']}")
        validity = {folder: state[0] for folder, state in answer["folders"].items()}

        def done(tx: Tx, mail: dict[str, Any]) -> None:
            _move(tx, mailbox.name, {mail["folder"]: [validity.get(mail["folder"], 0), mail["uid"]]}, None)

        counts = Counter(answer["counts"])
        taken.counts += counts
        for _ in take_staged(settings, staging.folder, taken, done=done):
            pass
    _note(mailbox.name, answer["folders"], None)
    return counts["found"] - counts["aside"] >= MOST_AT_ONCE


def _note(mailbox: str, folders: dict[str, list[int]], problem: str | None) -> None:
    with writer(SYSTEM) as tx:
        _move(tx, mailbox, folders, problem)


def _move(tx: Tx, mailbox: str, folders: dict[str, list[int]], problem: str | None) -> None:
    """Note how far folders were read, in the transaction that stores their mails, and when and how the mailbox was looked into."""
    for folder, (validity, uid) in folders.items():
        key = {"mailbox": mailbox, "folder": folder}
        tx.execute("DELETE FROM mail_folder WHERE mailbox = $mailbox AND folder = $folder", key)
        tx.execute(
            "INSERT INTO mail_folder VALUES ($mailbox, $folder, $validity, $uid, $now, NULL)",
            key | {"validity": validity, "uid": uid, "now": now()},
        )
    given = {"mailbox": mailbox, "now": now(), "problem": problem}
    if problem and not tx.value("SELECT 1 FROM mail_folder WHERE mailbox = $mailbox LIMIT 1", mailbox=mailbox):
        tx.execute("INSERT INTO mail_folder VALUES ($mailbox, '', 0, 0, $now, $problem)", given)
    tx.execute("UPDATE mail_folder SET fetched_at = $now, problem = $problem WHERE mailbox = $mailbox", given)


def states(viewer: Viewer) -> list[MailboxState]:
    """Return when each mailbox was last looked into, and what kept it from being read. Raises NotAllowed unless one leads the firm."""
    with reader(viewer) as r:
        if r.scope.kind != "system" and r.scope.role not in (Role.OWNER, Role.ADMIN):
            raise NotAllowed()
        rows = r.rows(
            f"SELECT mailbox, max(fetched_at) AS fetched_at, max(problem) AS problem FROM {STORE}.mail_folder GROUP BY 1 ORDER BY 1"
        )
    return [MailboxState(row["mailbox"], row["fetched_at"], row["problem"]) for row in rows]


def lines_of(taken: Taken, *, dry_run: bool = False) -> list[str]:
    """Return what became of mails as sentences."""
    n = taken.mails
    lines = [t("mail_in.would_take" if dry_run else "mail_in.taken", n=n, count=n, clients=len(taken.clients))]
    if taken.documents:
        lines.append(t("mail_in.documents", n=taken.documents, count=taken.documents))
    if taken.known:
        lines.append(t("mail_in.known", n=taken.known, count=taken.known))
    lines += [
        t(f"mail_in.{key}", n=taken.counts[key], count=taken.counts[key])
        for key in ("aside", "large", "undated", "broken", "infected")
        if taken.counts[key]
    ]
    if taken.unread:
        lines.append(t("mail_in.unread", n=len(taken.unread), files=", ".join(taken.unread[:10])))
    return lines


def run(settings: Settings, end: threading.Event) -> None:
    """Fetch every few minutes until ``end``, where the firm has mailboxes."""
    while settings.mailboxes_file and not end.wait(EVERY_S):
        with speaking(LANGUAGE):
            try:
                fetch_all(settings, log.info)
            except (AppError, OSError) as problem:
                log.warning("mail was not fetched: %s", type(problem).__name__)
