"""Write the wanted mails of files or of a mailbox into a folder, one line of JSON each; runs in a child with limits.

Of a mail in which nobody takes part who is switched on nothing is written, neither here nor later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from core.documents.media_types import media_type_of
from core.imports.mail_in.files import mail_files, mails_of
from core.imports.mail_in.imap import Account, MailboxProblem, fetch
from core.imports.mail_in.parse import MAX_MAIL_BYTES, Mail, is_wanted, read_head, read_rest

WANTED, MAILS, FILES = "wanted.json", "mails.jsonl", "files"
SAID_EVERY = 500


class _Out:
    """What is written of the wanted mails, and how many there were of each kind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wanted = frozenset(json.loads((folder / WANTED).read_text("utf-8")))
        (folder / FILES).mkdir(exist_ok=True)
        self.counts = {"found": 0, "aside": 0, "large": 0, "undated": 0, "broken": 0}

    def take(self, out: IO[str], mail: Mail, raw: bytes | None, **about: object) -> bool:
        """Write a mail if it is wanted; ``raw`` is None for one that is too large, of which the head alone is kept."""
        self.counts["found"] += 1
        if not is_wanted(mail, self.wanted):
            self.counts["aside"] += 1
            return False
        if mail.sent_at is None:
            self.counts["undated"] += 1
            return False
        if raw is None:
            self.counts["large"] += 1
        else:
            try:
                read_rest(mail, raw)
            except Exception:
                # A mail that no reader understands keeps its head: who wrote when about what.
                self.counts["broken"] += 1
        out.write(json.dumps(self._line(mail, is_large=raw is None, **about), ensure_ascii=True) + "\n")
        return True

    def _line(self, mail: Mail, **about: object) -> dict[str, object]:
        files = []
        for attachment in mail.attachments:
            digest = hashlib.sha256(attachment.content).hexdigest()
            (self.folder / FILES / digest).write_bytes(attachment.content)
            media_type, ending = media_type_of(attachment.content)
            files.append(
                {"name": attachment.name, "sha256": digest, "size": len(attachment.content), "media_type": media_type, "ending": ending}
            )
        return {
            "message_id": mail.message_id, "references": mail.references, "sent_at": str(mail.sent_at), "subject": mail.subject,
            "from": mail.from_text, "from_addresses": mail.from_addresses, "to": mail.to_text, "cc": mail.cc_text,
            "people": sorted(mail.participants & self.wanted), "body": mail.body, "files": files, "left_out": mail.left_out, **about,
        }  # fmt: skip


def stage_files(folder: Path, say: Callable[[str, dict], None], *, paths: list[str]) -> dict[str, Any]:
    """Write the wanted mails of files and folders; return the counts, and which files could not be read."""
    into, unread = _Out(folder), []
    with (folder / MAILS).open("w", encoding="ascii") as out:
        for path in (file for each in paths for file in mail_files(Path(each))):
            try:
                for found in mails_of(path):
                    if found.raw is None:
                        into.counts["found"] += 1
                        into.counts["large"] += 1
                        continue
                    into.take(out, read_head(found.raw), found.raw, is_read=found.is_read, is_sent=None)
                    if into.counts["found"] % SAID_EVERY == 0:
                        say("mails", {"n": into.counts["found"]})
            except OSError:
                unread.append(path.name)
    return {"counts": into.counts, "unread": unread[:100]}


def stage_mailbox(
    folder: Path, say: Callable[[str, dict], None], *, account: dict, known: dict[str, list[int]], most: int
) -> dict[str, Any]:
    """Write the wanted new mails of a mailbox; return the counts and how far each folder was read.

    - ``known``: per folder its UIDVALIDITY and the last UID that was read.
    - ``most``: as many wanted mails are taken in one go.
    """
    into = _Out(folder)
    with (folder / MAILS).open("w", encoding="ascii") as out:

        def take(
            name: str, uid: int, head: bytes, whole: Callable[[], bytes | None], came_at: datetime | None, is_read: bool, is_sent: bool
        ) -> bool:
            mail = read_head(head, came_at=came_at)
            raw = whole() if is_wanted(mail, into.wanted) else b""
            if into.counts["found"] % SAID_EVERY == 0:
                say("mails", {"n": into.counts["found"]})
            return into.take(out, mail, raw, is_read=is_read or is_sent, is_sent=is_sent, folder=name, uid=uid)

        account["folders"] = tuple(account["folders"])
        try:
            states = fetch(
                Account(**account), {name: (validity, uid) for name, (validity, uid) in known.items()}, take, most, MAX_MAIL_BYTES
            )
        except MailboxProblem as problem:
            return {"counts": into.counts, "problem": problem.code}
    return {"counts": into.counts, "folders": states}
