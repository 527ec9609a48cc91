"""Add, change and withdraw documents that members of the firm put into a client's record, shared with the client or internal."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.access.open_account import OpenAccount, open_account
from core.access.verbs import require_staff, verb
from core.base.config import Settings, read_settings
from core.base.errors import AppError, EditConflict, InvalidValue, NotAllowed, ValidationFailed
from core.base.fields import Field, clean_text, clean_value
from core.base.rights import Right
from core.base.sizes import MIB, whole_mib
from core.documents import stored_files
from core.documents.media_types import media_type_of
from core.documents.virus_scanner import scan
from core.store import Row, Tx, now

MAX_FILE_BYTES = 25 * MIB
MAX_FILES = 20
MAX_NAME_CHARS = 200
NAME = Field("name", "text", required=True, longest=MAX_NAME_CHARS)
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")


@dataclass(frozen=True)
class Upload:
    """A chosen file: the ``name`` its document gets, the file's own ``filename``, its ``size`` in bytes, and ``read`` for its content."""

    name: str
    filename: str
    size: int
    read: Callable[[], bytes]


def proposed_name(filename: str) -> str:
    """Return a file's own name without folders and forbidden characters, cut to MAX_NAME_CHARS before its ending."""
    last = re.split(r"[/\\]", filename)[-1]
    plain = "".join(c for c in unicodedata.normalize("NFC", last) if _is_allowed(c))
    plain = " ".join(plain.split())
    ending = _ending(plain)
    return plain[: MAX_NAME_CHARS - len(ending)].removesuffix(ending).rstrip() + ending if len(plain) > MAX_NAME_CHARS else plain


def _is_allowed(character: str) -> bool:
    try:
        return character.isspace() or bool(clean_text(character))
    except InvalidValue:
        return False


def _ending(name: str) -> str:
    found = _ENDING.search(name)
    return found.group() if found else ""


def _clean_name(name: str, like: str) -> str:
    """Return the cleaned name, with the ending of ``like`` where it has none, so that a download opens. Raises InvalidValue."""
    try:
        cleaned = str(clean_value(NAME, name))
        return cleaned if _ending(cleaned) or len(cleaned) + len(_ending(like)) > MAX_NAME_CHARS else cleaned + _ending(like)
    except InvalidValue as bad:
        raise (InvalidValue("document_name") if bad.problem[0] == "needed" else bad) from None


def add_documents(account: OpenAccount, uploads: Sequence[Upload], *, is_shared: bool, settings: Settings | None = None) -> list[int]:
    """Store files and add a document for each, all or none; returns the documents' ids.

    Raises ValidationFailed for ``files`` and ``name-<place>``, AccountNotFound, NotAllowed, StoreFull, and
    InfectedFileError or ScannerError where the firm has a virus scanner.
    """
    require_staff(open_account(account.viewer, account.account_id).viewer)
    names, settings = _checked(uploads), settings or read_settings()
    rows: list[dict[str, object]] = []
    files: dict[str, bytes] = {}
    for name, upload in zip(names, uploads, strict=True):
        content = upload.read()
        scan(settings.virus_scanner, name, content)
        media_type, ending = media_type_of(content)
        file = f"{secrets.token_hex(16)}{ending}"
        files[file] = content
        digest = hashlib.sha256(content).hexdigest()
        rows.append({"name": name, "file": file, "media_type": media_type, "size_bytes": len(content), "sha256": digest})
    with stored_files.written("document", settings.documents, files):
        return place_documents(account, rows, is_shared)


def _checked(uploads: Sequence[Upload]) -> list[str]:
    """Return the cleaned names. Raises ValidationFailed with every problem at once."""
    if not uploads:
        raise ValidationFailed({"files": ("document_needed", {})})
    if len(uploads) > MAX_FILES:
        raise ValidationFailed({"files": ("document_many", {"most": MAX_FILES})})
    names: list[str] = []
    problems: dict[str, tuple[str, dict[str, object]]] = {}
    for place, upload in enumerate(uploads):
        if not upload.size:
            problems[f"name-{place}"] = ("document_empty", {})
        elif upload.size > MAX_FILE_BYTES:
            problems[f"name-{place}"] = ("document_bytes", {"size": whole_mib(upload.size), "largest": MAX_FILE_BYTES // MIB})
        try:
            names.append(_clean_name(upload.name, upload.filename))
        except InvalidValue as bad:
            problems.setdefault(f"name-{place}", bad.problem)
    if problems:
        raise ValidationFailed(problems)
    return names


@verb("document.add")
def place_documents(tx: Tx, account: OpenAccount, rows: Sequence[Mapping[str, object]], is_shared: bool) -> list[int]:
    """Add a document for each stored file; returns their ids. A row holds name, file, media_type, size_bytes and sha256."""
    placed = []
    for row in rows:
        document_id = tx.insert(
            "document", account_id=account.account_id, uploaded_at=now(), is_from_client=False, staff_member_id=account.viewer.id,
            is_shared=bool(is_shared), **row,
        )  # fmt: skip
        placed.append(document_id)
    return placed


def may_change(viewer_id: int | None, rights: frozenset[Right], row: Mapping[str, object]) -> bool:
    """Return whether a viewer may change a document: one of the firm, by whoever added it and whoever manages accounts."""
    return not row["is_from_client"] and (row["staff_member_id"] == viewer_id or Right.MANAGE_ACCOUNTS in rights)


def _own_document(tx: Tx, account: OpenAccount, document_id: int) -> Row:
    row = tx.found("document", {"account_id": account.account_id, "document_id": document_id})
    if not may_change(tx.viewer.id, tx.scope.rights, row):
        raise NotAllowed()
    return row


@verb("document.edit")
def edit_document(tx: Tx, account: OpenAccount, document_id: int, version: int | None, *, name: str, is_shared: bool) -> None:
    """Rename a document, and share it with the client or not. Raises NotFound, NotAllowed, EditConflict, ValidationFailed."""
    row = _own_document(tx, account, document_id)
    if version is not None and version != row["version"]:
        raise EditConflict({"name": (None, row["name"])})
    try:
        cleaned = _clean_name(name, row["name"])
    except InvalidValue as bad:
        raise ValidationFailed({"name": bad.problem}) from None
    tx.update("document", {"account_id": account.account_id, "document_id": document_id}, name=cleaned, is_shared=bool(is_shared))


def withdraw_document(account: OpenAccount, document_id: int, settings: Settings | None = None) -> None:
    """Remove a document that was added by mistake, with its file. Raises what ``drop_document`` raises."""
    stored_files.remove((settings or read_settings()).documents, drop_document(account, document_id))


@verb("document.withdraw")
def drop_document(tx: Tx, account: OpenAccount, document_id: int) -> list[str]:
    """Delete a document; returns the file that no row names any more.

    Raises NotFound, NotAllowed, and AppError while an approval or signature asks for the document, or when an import brought it.
    """
    row = _own_document(tx, account, document_id)
    asked = "SELECT 1 FROM approval WHERE document_id = $id UNION ALL SELECT 1 FROM signature WHERE document_id = $id LIMIT 1"
    if row["status"] != "none" or tx.value(asked, id=document_id):
        raise AppError("document_in_use")
    if tx.value("SELECT 1 FROM import_key WHERE table_name = 'document' AND object_id = $id LIMIT 1", id=document_id):
        raise AppError("document_imported")
    tx.execute("DELETE FROM document_opening WHERE document_id = $id", {"id": document_id})
    tx.delete("document", {"account_id": account.account_id, "document_id": document_id})
    return [row["file"]] if row["file"] else []
