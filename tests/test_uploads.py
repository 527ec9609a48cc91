"""Documents staff file: what they are by content, who may, and that file and row stay together whatever happens."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import signal
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from core.base.config import read_settings
from core.base.errors import AppError, NotAllowed, NotFound, StoreFull, ValidationFailed
from core.base.fields import clean_text
from core.base.rights import Viewer
from core.documents import stored_files, virus_scanner
from core.documents.documents import file_of, mark_seen
from core.documents.media_types import media_type_of
from core.documents.uploads import MAX_FILE_BYTES, MAX_FILES, Upload, add_documents, edit_document, proposed_name, withdraw_document
from core.i18n import LANGUAGES, sentence, speaking, t
from core.operations.installation import open_installation
from core.overview.listing import ListQuery, read_list
from core.overview.read import read_overview
from core.store import changes_of, close_store, reader, writer
from tests import forked
from tests.small_firm import build_firm

ROOT = Path(__file__).parents[1]
SYSTEM = Viewer.system("tests")
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def upload(name: str, content: bytes = PDF, filename: str | None = None) -> Upload:
    return Upload(name, name if filename is None else filename, len(content), lambda: content)


def office(part: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr(part, "<x/>")
    return out.getvalue()


KINDS = {
    "pdf": (PDF, "application/pdf"),
    "pdf after rubbish": (b"\n\n" + PDF, "application/pdf"),
    "png": (b"\x89PNG\r\n\x1a\n....", "image/png"),
    "jpeg": (b"\xff\xd8\xff\xe0....", "image/jpeg"),
    "gif": (b"GIF89a....", "image/gif"),
    "webp": (b"RIFF....WEBPVP8 ", "image/webp"),
    "text": ("Grüße\r\n\tan Sie".encode(), "text/plain"),
    "html": (b"<!doctype html><script>alert(1)</script>", "text/plain"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "text/plain"),
    "xml": (b'<?xml version="1.0"?><a/>', "text/plain"),
    "latin": ("Grüße".encode("cp1252"), "application/octet-stream"),
    "bytes": (b"text\x00and more", "application/octet-stream"),
    "program": (b"MZ\x90\x00", "application/octet-stream"),
    "word": (office("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "excel": (office("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "zip": (office("x.html"), "application/zip"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_content_says_what_a_file_is_and_how_it_is_answered(firm, shell, settings, kind):
    content, expected = KINDS[kind]
    assert media_type_of(content)[0] == expected
    (document_id,) = add_documents(firm.account(), [upload("rechnung.html", content)], is_shared=False, settings=settings)
    answer = shell("owner").get(f"/document/{document_id}")
    assert answer.content == content
    assert answer.headers["x-content-type-options"] == "nosniff"
    shown = expected in ("application/pdf", "text/plain") or expected.startswith("image/")
    assert answer.headers["content-disposition"].startswith("inline" if shown else "attachment")
    assert answer.headers["content-type"].split(";")[0] == (expected if shown else "application/octet-stream")
    assert "script" not in answer.headers["content-security-policy"]


def files(settings) -> set[str]:
    return {entry.name for entry in settings.documents.iterdir()} if settings.documents.is_dir() else set()


def rows() -> set[str]:
    with reader(SYSTEM) as r:
        return {row["file"] for row in r.rows("SELECT file FROM document WHERE NOT is_from_client")}


def problems(call, *args, **named) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as raised:
        call(*args, **named)
    for code, values in raised.value.problems.values():
        for language in LANGUAGES:
            with speaking(language):
                assert "{" not in t(f"errors.{code}", **values)
    return {field: code for field, (code, _) in raised.value.problems.items()}


def test_several_are_filed_found_shared_renamed_and_withdrawn(firm, settings):
    account, changes = firm.account("own", "assigned"), changes_of(firm.own)
    one, two = add_documents(account, [upload("bwa.pdf"), upload("Notiz", b"Hallo", "n.txt")], is_shared=False, settings=settings)
    # An open page of a colleague's looks at this number every four seconds.
    assert changes_of(firm.own) > changes
    assert files(settings) - {"eigenes.txt"} == rows()
    result = read_overview(firm.account())["documents"]
    assert (result.total, result.tile["unseen"], result.tile["from_firm"]) == (1, 1, 2)
    assert read_overview(firm.account("empty"))["documents"].tile["from_firm"] == 0

    def listed(scope: str) -> list[tuple[str, str]]:
        found = read_list(firm.account("own", "assigned"), "documents", ListQuery(scope=scope, sort="name")).rows
        return [(row["name"], row["origin"]) for row in found]

    assert listed("firm") == [("bwa.pdf", "internal"), ("Notiz.txt", "internal")]
    assert listed("") == listed("shared") == [("eigenes.txt", "client")]
    edit_document(account, one, 1, name="BWA März", is_shared=True)
    assert listed("shared") == [("BWA März.pdf", "shared"), ("eigenes.txt", "client")]
    assert len(listed("all")) == 3
    mark_seen(account, one)
    assert file_of(account.viewer, one, settings)["seen_at"] is None
    withdraw_document(account, two, settings)
    assert listed("firm") == [("BWA März.pdf", "shared")]
    assert files(settings) == rows()
    with pytest.raises(NotFound):
        withdraw_document(account, two, settings)


def test_a_client_without_uploads_shows_what_the_firm_filed(firm, settings):
    add_documents(firm.account("empty"), [upload("x.pdf")], is_shared=False, settings=settings)
    result = read_overview(firm.account("empty"))["documents"]
    assert (result.total, result.tile) == (0, {"unseen": 0, "from_firm": 1})


def test_who_may_change_what_is_there(firm, settings):
    (document_id,) = add_documents(firm.account(), [upload("x.pdf")], is_shared=False, settings=settings)
    with pytest.raises(NotAllowed):
        edit_document(firm.account("own", "assigned"), document_id, None, name="y", is_shared=True)
    with pytest.raises(NotAllowed):
        withdraw_document(firm.account(), firm.document, settings)
    edit_document(firm.account("own", "everything"), document_id, None, name="y", is_shared=True)
    before = files(settings)
    with pytest.raises(AppError):
        add_documents(firm.account("own", "portal"), [upload("x.pdf")], is_shared=True, settings=settings)
    account = firm.account("own", "assigned")
    with writer(SYSTEM) as tx:
        tx.execute("DELETE FROM assignment")
    with pytest.raises(NotFound):
        add_documents(account, [upload("x.pdf")], is_shared=True, settings=settings)
    assert files(settings) == before


def test_what_something_hangs_on_stays(firm, settings):
    asked, paid, imported = add_documents(
        firm.account(), [upload("a.pdf"), upload("b.pdf"), upload("c.pdf")], is_shared=True, settings=settings
    )
    with writer(SYSTEM) as tx:
        tx.insert("approval", account_id=firm.own, document_id=asked, document_name="a.pdf", asked_at=tx.moment)
        tx.update("document", {"account_id": firm.own, "document_id": paid}, status="pending_payment")
        tx.insert("import_key", mapping="m", table_name="document", source_key="c", object_id=imported)
    for document_id, code in ((asked, "document_in_use"), (paid, "document_in_use"), (imported, "document_imported")):
        with pytest.raises(AppError, match=code):
            withdraw_document(firm.account(), document_id, settings)
    assert len(files(settings)) == 3


def test_each_problem_stands_at_its_file_and_nothing_is_kept(firm, settings):
    wrong = [
        upload("  ", filename="x.pdf"), upload("leer.pdf", b""), Upload("groß.pdf", "groß.pdf", MAX_FILE_BYTES + 1, lambda: b""),
        upload("a\x1bfdp.exe"), upload("a" * 201), upload("gut.pdf"),
    ]  # fmt: skip
    found = problems(add_documents, firm.account(), wrong, is_shared=False, settings=settings)
    assert found == {
        "name-0": "document_name", "name-1": "document_empty", "name-2": "document_bytes", "name-3": "characters", "name-4": "too_long",
    }  # fmt: skip
    assert problems(add_documents, firm.account(), [], is_shared=False, settings=settings) == {"files": "document_needed"}
    many = [upload("x.pdf")] * (MAX_FILES + 1)
    assert problems(add_documents, firm.account(), many, is_shared=False, settings=settings) == {"files": "document_many"}
    assert files(settings) == rows() == set()


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\Users\\x\\bescheid.pdf", "bescheid.pdf"), ("a\u202efdp.exe", "afdp.exe"),
        ("  ein   Name\n.pdf", "ein Name .pdf"), ("", ""), ("ä" * 300 + ".pdf", "ä" * 196 + ".pdf"), ("<b>x</b>.html", "b>.html"),
        ("=1+1.csv", "=1+1.csv"),
    ],
)  # fmt: skip
def test_a_proposed_name_can_be_kept(filename, expected):
    assert proposed_name(filename) == expected
    assert clean_text(expected, 200) == expected


def test_a_full_disk_is_said_and_nothing_stays(firm, settings, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stored_files.os, "fsync", full)
    with pytest.raises(StoreFull):
        add_documents(firm.account(), [upload("x.pdf"), upload("y.pdf")], is_shared=False, settings=settings)
    assert files(settings) == rows() == set()


KILLED = """
import os, signal, sys
from core.documents import stored_files
from core.access.open_account import open_account
from core.base.config import read_settings
from core.base.rights import Viewer
from core.operations.installation import open_installation
from core.store.connection import Connection
from core.documents.uploads import Upload, add_documents, withdraw_document

what, step, own, owner, document = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
settings = read_settings()
open_installation(settings)
account = open_account(Viewer.staff(owner), own)
commits = 0

def die():
    os.kill(os.getpid(), signal.SIGKILL)

real = Connection.execute
def execute(self, statement, parameters=None):
    if statement == "COMMIT" and "document" in str(seen) and step == "before commit":
        die()
    done = real(self, statement, parameters)
    if "INSERT INTO document" in statement or "DELETE FROM document" in statement:
        seen.append("document")
    if statement == "COMMIT" and seen and step == "after commit":
        die()
    return done
seen = []
Connection.execute = execute
if step == "second file":
    real_write, turns = stored_files.write, []
    def write(path, content):
        turns.append(path)
        if len(turns) == 2:
            die()
        real_write(path, content)
    stored_files.write = write
print("ready", flush=True)
if what == "add":
    add_documents(account, [Upload(n, n, 5, lambda: b"Hallo") for n in ("a.txt", "b.txt")], is_shared=True)
else:
    withdraw_document(account, document)
print("survived", flush=True)
"""


@pytest.fixture(scope="module")
def with_document(tmp_path_factory):
    data = tmp_path_factory.mktemp("document") / "data"
    settings = read_settings({"KUNDENBLICK_DATA": str(data)})
    close_store()
    open_installation(settings)
    firm = build_firm()
    (document_id,) = add_documents(firm.account(), [upload("x.pdf")], is_shared=False, settings=settings)
    close_store()
    return data, firm, document_id


@pytest.mark.parametrize(
    ("what", "step", "left"),
    [("add", "second file", 1), ("add", "before commit", 1), ("add", "after commit", 3), ("withdraw", "before commit", 1), ("withdraw", "after commit", 0)],
)  # fmt: skip
def test_a_kill_leaves_file_and_row_together(with_document, tmp_path, what, step, left):
    data, firm, document_id = with_document
    shutil.copytree(data, tmp_path / "data")
    environ = os.environ | {"KUNDENBLICK_DATA": str(tmp_path / "data")}
    ended = forked.run(["-c", KILLED, what, step, str(firm.own), str(firm.owner), str(document_id)], environ)
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "ready\n"), ended.stderr[-2000:]
    settings = read_settings(environ)
    close_store()
    open_installation(settings)
    try:
        stored_files.sweep(settings)
        assert files(settings) == rows()
        assert len(rows()) == left
    finally:
        close_store()


SCANNER = """import sys, threading
content = sys.stdin.buffer.read()
if b"LANGSAM" in content: threading.Event().wait(60)
sys.exit(1 if b"EICAR" in content else 2 if b"KAPUTT" in content else 0)
"""


def test_what_the_firms_scanner_finds_or_cannot_look_at_is_not_taken_in(firm, settings, tmp_path, monkeypatch):
    script = tmp_path / "scan me.py"
    script.write_text(SCANNER)
    monkeypatch.setattr(virus_scanner, "SCAN_TIMEOUT_S", 1)
    scanned = replace(settings, virus_scanner=f"{shlex.quote(sys.executable)} -I -S {shlex.quote(str(script))}")
    gone = replace(settings, virus_scanner="/nirgends/scanner -")
    account = firm.account("own")
    for with_, content, code in (
        (scanned, b"EICAR", "document_infected"),
        (scanned, b"KAPUTT", "scanner_failed"),
        (scanned, b"LANGSAM", "scanner_failed"),
        (gone, b"gut", "scanner_failed"),
    ):
        # The good one beside it does not come in either: all or none.
        with pytest.raises(AppError) as refused:
            add_documents(account, [upload("gut.txt", b"gut"), upload("<b>Anlage.txt", content)], is_shared=False, settings=with_)
        assert refused.value.code == code
        for language in LANGUAGES:
            with speaking(language):
                assert sentence(refused.value) and ("<b>Anlage.txt" in sentence(refused.value) or code == "scanner_failed")
        assert not settings.documents.exists() or not list(settings.documents.rglob("*"))
    assert len(add_documents(account, [upload("gut.txt", b"gut")], is_shared=False, settings=scanned)) == 1
