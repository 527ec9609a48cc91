"""Take staged mails over: for each client one of whose addresses is switched on and takes part, once by Message-ID, attachments as documents."""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from core.access.account_state import takes_mail
from core.base.config import Settings
from core.base.errors import AppError
from core.base.rights import Viewer
from core.documents import stored_files
from core.documents.uploads import proposed_name
from core.documents.virus_scanner import scan
from core.i18n import t
from core.imports.mail_in.staging import FILES, MAILS, WANTED
from core.imports.mail_in.threads import thread_of
from core.imports.worker import beside
from core.store import Reader, Row, Tx, engine, reader, writer
from core.store.staging import STORE, Staging

SYSTEM = Viewer.system("mail that comes in", "mail")
# So many mails in one transaction: others wait no longer than for these.
MAILS_AT_ONCE = 40
# Two takings at once would both find that a mail is new.
_one_at_a_time = threading.Lock()
Say = Callable[[str], None]
log = logging.getLogger("kundenblick")
_ON = f"""SELECT lower(e.email) AS email, a.account_id, a.contact_id FROM {{at}}email_access a
    JOIN {{at}}contact_email e ON e.contact_email_id = a.contact_email_id WHERE {takes_mail("a")}"""


@dataclass
class Taken:
    """What became of mails: taken (one for each client), known before, attachments that became documents; and what is told of the others."""

    mails: int = 0
    known: int = 0
    documents: int = 0
    clients: set[int] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    unread: list[str] = field(default_factory=list)


def take_files(settings: Settings, paths: list[Path], say: Say, *, dry_run: bool = False) -> Taken:
    """Take in the mails of files and folders; with ``dry_run`` only count. Raises AppError when reading them failed."""
    with staged(settings) as staging:
        want(staging.folder)
        answer = beside("mails", staging.folder, _told(say), large=True, paths=[str(path) for path in paths])
        taken = Taken(counts=Counter(answer["counts"]), unread=answer["unread"])
        for _ in take_staged(settings, staging.folder, taken, dry_run=dry_run):
            pass
        return taken


@contextmanager
def staged(settings: Settings) -> Iterator[Staging]:
    """Give a folder for what a child writes, gone afterwards, and swept at the next start where the process was killed."""
    staging = Staging(engine(), settings.data)
    try:
        yield staging
    finally:
        staging.close()


def want(folder: Path) -> None:
    """Write down for the child which addresses are switched on."""
    with reader(SYSTEM) as r:
        wanted = sorted({row["email"] for row in r.rows(_ON.format(at=f"{STORE}."))})
    (folder / WANTED).write_text(json.dumps(wanted), "utf-8")


def _told(say: Say) -> Callable[[str, dict], None]:
    return lambda key, values: say(t(f"mail_in.{key}", **values))


def take_staged(
    settings: Settings, folder: Path, taken: Taken, *, dry_run: bool = False, done: Callable[[Tx, dict[str, Any]], None] | None = None
) -> Iterator[None]:
    """Take the mails of a staged folder over, some at a time; add to ``taken``, and yield after each transaction.

    - ``done``: called in the same transaction with the last mail of it.
    """
    with _one_at_a_time, (folder / MAILS).open(encoding="ascii") as lines:
        while piece := list(islice(lines, MAILS_AT_ONCE)):
            mails = [json.loads(line) for line in piece]
            if dry_run:
                with reader(SYSTEM) as r:
                    for _mail, _row in _new(r, mails, taken):
                        pass
            else:
                _take_piece(settings, folder, mails, taken, done)
            yield


def _new(r: Reader, mails: list[dict[str, Any]], taken: Taken, at: str = f"{STORE}.") -> Iterator[tuple[dict[str, Any], Row]]:
    """Yield each mail with the client and contact it is new for."""
    people = sorted({address for mail in mails for address in mail["people"]})
    on: dict[str, list[Row]] = defaultdict(list)
    for row in r.rows(f"{_ON.format(at=at)} AND lower(e.email) IN (SELECT unnest($people::VARCHAR[])) ORDER BY 2, 3", people=people):
        on[row["email"]].append(row)
    asked = f"SELECT account_id, message_id FROM {at}email WHERE message_id IN (SELECT unnest($ids::VARCHAR[]))"
    known = {(row["account_id"], row["message_id"]) for row in r.rows(asked, ids=[mail["message_id"] for mail in mails])}
    for mail in mails:
        # Whoever wrote it before who only got it: the attachments are theirs.
        writers = mail["from_addresses"]
        order = [address for address in mail["people"] if address in writers] + [
            address for address in mail["people"] if address not in writers
        ]
        here: set[int] = set()
        for row in (row for address in order for row in on[address]):
            account_id = row["account_id"]
            if account_id in here:
                continue
            here.add(account_id)
            if (account_id, mail["message_id"]) in known:
                taken.known += 1
                continue
            known.add((account_id, mail["message_id"]))
            taken.mails += 1
            taken.clients.add(account_id)
            yield mail, row


def _take_piece(
    settings: Settings, folder: Path, mails: list[dict[str, Any]], taken: Taken, done: Callable[[Tx, dict[str, Any]], None] | None
) -> None:  # fmt: skip
    """Take some mails over in one transaction, their attachments durable before it."""
    contents, names = _attachments(settings, folder, mails, taken)
    kept: set[str] = set()
    with stored_files.written("document", settings.documents, contents), writer(SYSTEM) as tx:
        firm = _firm_addresses(tx)
        for mail, row in _new(tx, mails, taken, at=""):
            is_sent = _is_sent(mail, row, firm)
            sent_at = datetime.fromisoformat(mail["sent_at"])
            is_read = bool(mail["is_read"] or is_sent)
            tx.insert(
                "email", account_id=row["account_id"], subject=mail["subject"] or t("mail_in.no_subject"), from_address=mail["from"] or "–",
                to_address=mail["to"], cc_address=mail["cc"] or None, sent_at=sent_at, direction="sent" if is_sent else "received", is_read=is_read,
                thread=thread_of(tx, mail["message_id"], mail["references"]), message_id=mail["message_id"],
                body=_body(mail),
            )  # fmt: skip
            for place, each in enumerate(mail["files"], 1):
                file = names.get((row["account_id"], each["sha256"]))
                there = "SELECT 1 FROM document WHERE account_id = $account AND sha256 = $sha256 LIMIT 1"
                if file is None or file in kept or tx.value(there, account=row["account_id"], sha256=each["sha256"]):
                    continue
                kept.add(file)
                taken.documents += 1
                tx.insert(
                    "document", account_id=row["account_id"], name=proposed_name(each["name"]) or t("mail_in.attachment", n=place, ending=each["ending"]),
                    uploaded_at=sent_at, is_from_client=not is_sent, contact_id=None if is_sent else row["contact_id"], is_shared=False,
                    seen_at=sent_at if is_read else None, file=file, media_type=each["media_type"], size_bytes=each["size"], sha256=each["sha256"],
                )  # fmt: skip
        if done is not None:
            done(tx, mails[-1])
    stored_files.remove(settings.documents, contents.keys() - kept)


def _attachments(
    settings: Settings, folder: Path, mails: list[dict[str, Any]], taken: Taken
) -> tuple[dict[str, bytes], dict[tuple[int, str], str]]:
    """Return the contents of the attachments that clients do not have yet by the name of their file, and these names by client and checksum."""
    contents: dict[str, bytes] = {}
    names: dict[tuple[int, str], str] = {}
    infected: set[str] = set()
    with reader(SYSTEM) as r:
        wanted = list(_new(r, mails, Taken()))
        sums = [each["sha256"] for mail, _ in wanted for each in mail["files"]]
        asked = f"SELECT account_id, sha256 FROM {STORE}.document WHERE sha256 IN (SELECT unnest($sums::VARCHAR[]))"
        there = {(row["account_id"], row["sha256"]) for row in r.rows(asked, sums=sums)} if sums else set()
    for mail, row in wanted:
        for each in mail["files"]:
            place = row["account_id"], each["sha256"]
            if place in there or place in names or each["sha256"] in infected:
                continue
            content = (folder / FILES / each["sha256"]).read_bytes()
            try:
                scan(settings.virus_scanner, each["name"], content)
            except AppError:
                infected.add(each["sha256"])
                taken.counts["infected"] += 1
                continue
            names[place] = f"{secrets.token_hex(16)}{each['ending']}"
            contents[names[place]] = content
    return contents, names


def _firm_addresses(tx: Tx) -> tuple[set[str], set[str]]:
    """Return the addresses of the firm's people, and their domains."""
    addresses = {row["email"].lower() for row in tx.rows("SELECT email FROM staff_member")}
    return addresses, {address.rpartition("@")[2] for address in addresses}


def _is_sent(mail: dict[str, Any], row: Row, firm: tuple[set[str], set[str]]) -> bool:
    """Return whether the firm wrote a mail: by the folder it lay in, else by its sender, who is nobody of the client's."""
    if mail["is_sent"] is not None:
        return bool(mail["is_sent"])
    writers = mail["from_addresses"]
    if row["email"] in writers:
        return False
    client_domain = row["email"].rpartition("@")[2]
    return any(
        writer in firm[0] or (writer.rpartition("@")[2] in firm[1] and writer.rpartition("@")[2] != client_domain) for writer in writers
    )


def _body(mail: dict[str, Any]) -> str:
    """Return a mail's text, with what could not be kept of it said below."""
    said = [mail["body"]]
    if mail["is_large"]:
        said.append(t("mail_in.too_large"))
    if mail["left_out"]:
        said.append(t("mail_in.attachments_left", n=mail["left_out"]))
    return "\n\n".join(filter(None, said))
