"""Read one mail: who takes part, when, what about, its text and its attachments. Nothing here trusts what a mail says of itself."""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterator, Set
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.parser import HeaderParser
from email.policy import compat32, default
from email.utils import parsedate_to_datetime

from core.base.contact_points import one_address, split_list
from core.base.errors import InvalidValue
from core.base.sizes import KIB, MIB
from core.imports.mail_in.plain_text import plain_text
from core.imports.parsing import clean_lines

MAX_MAIL_BYTES = 25 * MIB
MAX_HEAD_BYTES = 256 * KIB
MAX_SUBJECT_CHARS = 500
MAX_BODY_CHARS = 200_000
MAX_RECIPIENTS = 100
MAX_ATTACHMENTS, MAX_PARTS = 100, 1_000
# A picture inside the text, mostly a logo, of fewer bytes is no document.
SMALL_PICTURE_BYTES = 20 * KIB
EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
_ID = re.compile(r"<([^<>\s]{1,400})>")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
ROLES = ("from", "sender", "to", "cc", "bcc")


@dataclass
class Attachment:
    """A file that came with a mail; '' for a name it does not have."""

    name: str
    content: bytes


@dataclass
class Mail:
    """One mail as it was read; ``sent_at`` in UTC without a zone, None where it says no possible day."""

    message_id: str
    references: list[str]
    sent_at: datetime | None
    subject: str
    from_text: str
    from_addresses: list[str]
    to_text: str
    cc_text: str
    participants: set[str]
    body: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    # As many attachments are more than a mail may have.
    left_out: int = 0


def read_head(raw: bytes, *, came_at: datetime | None = None) -> Mail:
    """Read the head of a mail: of ``raw`` what stands before the first empty line, at most ``MAX_HEAD_BYTES``.

    ``came_at`` is when the server got it, for a mail that says no possible day.
    """
    end = _HEAD_END.search(raw, 0, MAX_HEAD_BYTES)
    lines = raw[: end.start() if end else MAX_HEAD_BYTES]
    head = HeaderParser(policy=compat32).parsestr(_decoded(lines))
    said = {role: [_words(text) for text in head.get_all(role, [])] for role in ROLES}
    found = {role: _addresses(texts) for role, texts in said.items()}
    sent_at = _moment(head, came_at)
    subject = clean_lines(" ".join(_words(head.get("subject", "")).split()))[:MAX_SUBJECT_CHARS]
    ids = _ID.findall(str(head.get("message-id", "")))
    # Replies without an id of their own still are one mail each.
    told = "\x1f".join([str(sent_at), *said["from"], *said["to"], subject]).encode("utf-8", "replace") + raw[-4 * KIB :]
    return Mail(
        message_id=ids[0] if ids else f"sha256:{hashlib.sha256(told).hexdigest()}",
        references=list(dict.fromkeys(_ID.findall(f"{head.get('references', '')} {head.get('in-reply-to', '')}")))[-MAX_RECIPIENTS:],
        sent_at=sent_at,
        subject=subject,
        from_text=_people(said["from"] or said["sender"], 1),
        from_addresses=[*found["from"], *found["sender"]],
        to_text=_people(said["to"], MAX_RECIPIENTS),
        cc_text=_people(said["cc"], MAX_RECIPIENTS),
        participants={address for addresses in found.values() for address in addresses},
    )


def read_rest(mail: Mail, raw: bytes) -> None:
    """Read text and attachments of a mail whose head was read."""
    message = email.message_from_bytes(raw, policy=default)
    shown = _shown(message)
    if shown is not None:
        text = _text_of(shown)
        mail.body = clean_lines(plain_text(text) if shown.get_content_type() == "text/html" else text).strip()[:MAX_BODY_CHARS]
    for place, part in enumerate(_parts(message)):
        if place >= MAX_PARTS:
            break
        if part is shown or (found := _attached(part)) is None:
            continue
        if len(mail.attachments) == MAX_ATTACHMENTS:
            mail.left_out += 1
            continue
        mail.attachments.append(found)


def is_wanted(mail: Mail, wanted: Set[str]) -> bool:
    """Return whether an address that is switched on takes part."""
    return not wanted.isdisjoint(mail.participants)


def _decoded(raw: bytes) -> str:
    """Return bytes as text: UTF-8, else as Windows writes Western letters."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _words(text: object) -> str:
    """Return a header as text, its encoded words (RFC 2047) decoded where they can be."""
    plain = str(text)
    if "=?" in plain:
        with suppress(Exception):
            plain = str(make_header(decode_header(plain)))
    return plain.encode("utf-8", "replace").decode("utf-8")


def _addresses(texts: list[str]) -> list[str]:
    found = []
    for text in texts:
        for part in split_list(text):
            with suppress(InvalidValue):
                found.append(one_address(part))
    return list(dict.fromkeys(found))


def _people(texts: list[str], most: int) -> str:
    """Return senders or recipients on one line as the mail names them, the first ``most``; how many more there are behind a plus."""
    line = clean_lines(" ".join(", ".join(texts).split()))
    people = split_list(line)
    if len(people) <= most and len(line) <= 4_000:
        return line
    return ", ".join(people[:most]) + (f" + {len(people) - most}" if len(people) > most else "")


def _moment(head: Message, came_at: datetime | None) -> datetime | None:
    """Return when a mail was sent: by its own head, else when the server got it, else as the last to pass it on noted."""
    received = str(head.get("received", "")).rpartition(";")[2]
    for text in (str(head.get("date", "")), came_at, received):
        if isinstance(text, datetime):
            return text
        with suppress(Exception):
            said = parsedate_to_datetime((text or "").strip())
            said = said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
            if EARLIEST < said < datetime.now(UTC) + timedelta(days=2):
                return said.replace(tzinfo=None, microsecond=0)
    return None


def _shown(message: EmailMessage) -> EmailMessage | None:
    """Return the part that is the mail's text."""
    found: object = None
    try:
        found = message.get_body(preferencelist=("plain", "html"))
    except Exception:
        found = next((part for part in _parts(message) if part.get_content_maintype() == "text"), None)
    return found if isinstance(found, EmailMessage) else None


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts that are no containers; a mail inside the mail is one part, whatever it holds."""
    waiting, seen = [message], 0
    while waiting and seen < 10 * MAX_PARTS:
        part, seen = waiting.pop(0), seen + 1
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting[:0] = [inner for inner in part.get_payload() if isinstance(inner, Message)]
        else:
            yield part


def _text_of(part: Message) -> str:
    raw = part.get_payload(decode=True)
    raw = raw if isinstance(raw, bytes) else b""
    with suppress(LookupError, ValueError):
        if charset := part.get_content_charset():
            return raw.decode(charset)
    return _decoded(raw)


def _attached(part: Message) -> Attachment | None:
    """Return a part as an attachment, None for one that is text beside the text, empty, or a small picture inside it."""
    name = ""
    with suppress(Exception):
        name = _words(part.get_filename() or "")
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        if not (isinstance(inner, list) and inner and isinstance(inner[0], Message)):
            return None
        with suppress(Exception):
            return Attachment(name or f"{_words(inner[0].get('subject', ''))[:150]}.eml".lstrip("."), inner[0].as_bytes(policy=compat32))
        return None
    if not name and part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
        return None
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or not content:
        return None
    is_inside = part.get("content-id") is not None and part.get_content_disposition() != "attachment"
    if is_inside and part.get_content_maintype() == "image" and len(content) < SMALL_PICTURE_BYTES:
        return None
    return Attachment(name, content)
