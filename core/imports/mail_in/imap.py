"""Read the new mails of a mailbox by IMAP: heads of all, bodies only where they are wanted, and nothing is changed there.

Folders are opened read-only, mails fetched with ``BODY.PEEK``. Each folder is known by its UIDVALIDITY; where the server gives it another one,
everything is read again, and the Message-ID keeps each mail once.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

TIMEOUT_S = 30
# Heads are asked for so many at a time.
AT_ONCE = 200
# What is no mail of anybody's: by the folder's special use (RFC 6154), never by its name.
LEFT_OUT = (rb"\noselect", rb"\nonexistent", rb"\drafts", rb"\junk", rb"\trash", rb"\all", rb"\flagged", rb"\important")
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)')
_UID = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_CAME = re.compile(rb'INTERNALDATE "([^"]+)"')
_FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")
# A server that says more than this on one line is none.
imaplib._MAXLINE = 1_000_000  # type: ignore[attr-defined]
Take = Callable[[str, int, bytes, Callable[[], bytes | None], datetime | None, bool, bool], bool]


class MailboxProblem(Exception):
    """What keeps a mailbox from being read, by a code people are told: ``refused``, ``unreachable``, ``insecure``, ``broken``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Account:
    """How to reach a mailbox. ``secret`` is a password, or a token where ``is_token``; ``folders`` none: all that hold mail of people."""

    host: str
    port: int
    user: str
    secret: str
    is_token: bool = False
    tls: bool = True
    ca_file: str = ""
    folders: tuple[str, ...] = ()


def fetch(account: Account, known: dict[str, tuple[int, int]], take: Take, most: int, largest: int) -> dict[str, list[int]]:
    """Give the new mails of each folder to ``take``, which says whether it took one; return per folder [UIDVALIDITY, last UID read].

    Ends early after ``most`` taken ones: the rest comes the next time. Raises MailboxProblem.
    """
    states: dict[str, list[int]] = {}
    try:
        with _open(account) as box:
            left = most
            for name, is_sent in _folders(box, account.folders):
                if left <= 0:
                    break
                state, left = _fetch_folder(box, name, is_sent, known.get(name, (0, 0)), take, left, largest)
                if state is not None:
                    states[name] = state
    except MailboxProblem:
        raise
    except (imaplib.IMAP4.error, ssl.SSLError, ValueError) as problem:
        raise MailboxProblem("insecure" if isinstance(problem, ssl.SSLError) else "broken") from None
    except OSError as problem:
        raise MailboxProblem("insecure" if isinstance(problem, ssl.CertificateError) else "unreachable") from None
    return states


def _open(account: Account) -> imaplib.IMAP4:
    if account.tls:
        context = ssl.create_default_context(cafile=account.ca_file or None)
        box: imaplib.IMAP4 = imaplib.IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=TIMEOUT_S)
    else:
        box = imaplib.IMAP4(account.host, account.port, timeout=TIMEOUT_S)
    try:
        if account.is_token:
            box.authenticate("XOAUTH2", lambda _: f"user={account.user}\x01auth=Bearer {account.secret}\x01\x01".encode())
        else:
            box.login(account.user, account.secret)
    except imaplib.IMAP4.error:
        with suppress(OSError, imaplib.IMAP4.error):
            box.logout()
        raise MailboxProblem("refused") from None
    return box


def _folders(box: imaplib.IMAP4, wanted: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Return (name as the server writes it, whether sent mail lies there) of each folder with mail of people."""
    _, lines = box.list()
    found = []
    for line in lines:
        if isinstance(line, tuple):  # a name with odd letters comes as a literal
            line = line[0].rpartition(b"{")[0] + b'"' + line[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        if not isinstance(line, bytes) or not (read := _LISTED.match(line)):
            continue
        flags, name = read["flags"].lower().split(), read["name"].decode("ascii", "replace").strip()
        bare = name[1:-1].replace('\\"', '"').replace("\\\\", "\\") if name.startswith('"') else name
        if any(flag in LEFT_OUT for flag in flags) or (wanted and bare not in wanted):
            continue
        found.append((bare, rb"\sent" in flags))
    return found


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _fetch_folder(
    box: imaplib.IMAP4, name: str, is_sent: bool, known: tuple[int, int], take: Take, left: int, largest: int
) -> tuple[list[int] | None, int]:
    told, _ = box.select(_quoted(name), readonly=True)
    if told != "OK":
        return None, left
    said = box.response("UIDVALIDITY")[1]
    validity = int(said[0]) if said and said[0] else 0
    last = known[1] if known[0] == validity else 0
    _, found = box.uid("SEARCH", f"UID {last + 1}:*")
    # The server names its last mail even where nothing is newer.
    uids = sorted(uid for uid in map(int, (found[0] or b"").split()) if uid > last)
    for start in range(0, len(uids), AT_ONCE):
        piece = uids[start : start + AT_ONCE]
        for uid, head, size, came_at, is_read in _heads(box, piece):

            def whole(uid: int = uid, size: int = size) -> bytes | None:
                return _body(box, uid) if size <= largest else None

            left -= take(name, uid, head, whole, came_at, is_read, is_sent)
            last = uid
            if left <= 0:
                return [validity, last], left
        last = piece[-1]
    return [validity, last], left


def _heads(box: imaplib.IMAP4, uids: list[int]) -> list[tuple[int, bytes, int, datetime | None, bool]]:
    _, answer = box.uid("FETCH", ",".join(map(str, uids)), "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])")
    found = []
    for place, part in enumerate(answer):
        if not isinstance(part, tuple):
            continue
        after = answer[place + 1] if place + 1 < len(answer) and isinstance(answer[place + 1], bytes) else b""
        about, head = part[0] + b" " + after, part[1]
        uid, size, came, flags = _UID.search(about), _SIZE.search(about), _CAME.search(about), _FLAGS.search(about)
        if uid is None:
            continue
        is_read = flags is not None and rb"\seen" in flags[1].lower().split()
        found.append((int(uid[1]), head, int(size[1]) if size else 0, _moment(came[1]) if came else None, is_read))
    return sorted(found)


def _moment(text: bytes) -> datetime | None:
    with suppress(ValueError):
        return datetime.strptime(text.decode("ascii", "replace").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC).replace(tzinfo=None)
    return None


def _body(box: imaplib.IMAP4, uid: int) -> bytes | None:
    _, answer = box.uid("FETCH", str(uid), "(BODY.PEEK[])")
    return next((part[1] for part in answer if isinstance(part, tuple)), b"")


def read_secret(path: str) -> str:
    """Return the first line of a file that holds a password or token."""
    return Path(path).read_text("utf-8").strip().split("\n", 1)[0].strip()
