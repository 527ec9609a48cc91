"""Files from elsewhere that are made to take memory, time or room: read in a child with limits, refused in a short sentence."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from core.base.errors import ValidationFailed
from core.base.rights import Viewer
from core.documents import photo_budget
from core.documents.photos import preview
from core.imports.attachments import describe
from core.imports.problems import RowRejected
from core.imports.run import import_data
from core.store import reader
from tests.pictures import quarters
from tests.size import some

ROOT = Path(__file__).parents[2]
MIB = 1024 * 1024
MAPPING = """
name = "fremd"
[files.k]
path = "k.xlsx"
format = "excel"
[[tables]]
table = "account"
file = "k"
key = "Nr"
[tables.fields]
number = "Nr"
name = "Firma"
"""
# What the whole command may take, its children included: a real list of this kind takes a quarter of it.
MAX_BYTES, MAX_S, MAX_SAID = 1700 * MIB, 60, 4_000
# What the process that asks may take more, while its child reads.
MAX_MORE_BYTES = 40 * MIB


def far_cell(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Nr", "Firma"])
    book.active["XFD1048576"] = "weit"
    book.save(path)


def wide(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Nr", "Firma"])
    for place in range(50):
        book.active.cell(1_048_576, place + 1, "x")
    book.save(path)


def bomb(path: Path) -> None:
    """A workbook whose one text is 300 MB of one letter, packed to 300 kB."""
    path.write_bytes(packed_bomb())


@cache
def packed_bomb() -> bytes:
    book, plain, packed = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(["Nr", "BOMBE"])
    book.save(plain)
    with zipfile.ZipFile(plain) as given, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for part in given.infolist():
            out.writestr(part.filename, given.read(part).replace(b"BOMBE", b"A" * (300 * MIB)))
    return packed.getvalue()


def liar(path: Path) -> None:
    """The same, and its directory says that it is small."""
    bomb(path)
    content = path.read_bytes()
    for size in (300 * MIB + extra for extra in range(-200, 4000)):
        content = content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path.write_bytes(content)


def cut(path: Path) -> None:
    far_cell(path)
    path.write_bytes(path.read_bytes()[:900])


ODS = "application/vnd.oasis.opendocument.spreadsheet"
CONTENT = """<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
><office:body><office:spreadsheet><table:table table:name="k"><table:table-row><table:table-cell office:value-type="string"
><text:p>Nr</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Firma</text:p></table:table-cell
></table:table-row>ROWS</table:table></office:spreadsheet></office:body></office:document-content>"""
CELL = '<table:table-cell{} office:value-type="string"><text:p>{}</text:p></table:table-cell>'


def ods(rows: str, declared: str = "") -> Callable[[Path], None]:
    """What writes a sheet of OpenDocument with these rows below its head."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("mimetype", ODS, zipfile.ZIP_STORED)
            files = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/>'
            namespace = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
            packed.writestr("META-INF/manifest.xml", f'<?xml version="1.0"?><manifest:manifest {namespace}>{files}</manifest:manifest>')
            content = CONTENT.replace("?><", f"?>{declared}<", 1).replace("ROWS", rows)
            packed.writestr("content.xml", content.replace("BOMBE", "A" * (300 * MIB)))

    return write


ROW_AGAIN = '<table:table-row table:number-rows-repeated="1000000">{}</table:table-row>'
COLUMN_AGAIN = ' table:number-columns-repeated="1000000"'
# Each entity is ten of the one before: a billion letters out of a few.
ENTITIES = "".join(f'<!ENTITY e{place} "{f"&e{place - 1};" * 10 if place else "x" * 100}">' for place in range(9))
OPEN_DOCUMENT = {
    "text of 300 MB": ods(f"<table:table-row>{CELL.format('', '1')}{CELL.format('', 'BOMBE')}</table:table-row>"),
    "a cell again and again": ods(f"<table:table-row>{CELL.format(COLUMN_AGAIN, 'x')}</table:table-row>"),
    "a row again and again": ods(ROW_AGAIN.format(CELL.format("", "7") * 2)),
    "both": ods(ROW_AGAIN.format(CELL.format(COLUMN_AGAIN, "x"))),
    "both, empty, and then a cell": ods(
        ROW_AGAIN.format(f"<table:table-cell{COLUMN_AGAIN}/>") + f"<table:table-row>{CELL.format('', 'x')}</table:table-row>"
    ),
    "more than a number holds": ods(ROW_AGAIN.format(CELL.format(COLUMN_AGAIN, "x")).replace("1000000", "18446744073709551615")),
    "less than nothing": ods(ROW_AGAIN.format(CELL.format(COLUMN_AGAIN, "x")).replace("1000000", "-1")),
    "entities of entities": ods(
        f"<table:table-row>{CELL.format('', '1')}{CELL.format('', '&e8;')}</table:table-row>", f"<!DOCTYPE x [{ENTITIES}]>"
    ),
    "deep": ods("<table:table-row>" * 200_000),
}


def xls(sectors: int = 4, chain: dict[int, int] | None = None, **fields: int) -> Callable[[Path], None]:
    """What writes an OLE file by hand: a head, a table of sectors, a directory with a *Workbook*, and its content.

    ``chain`` says which sector follows which, in place of the true ones; ``fields`` overwrite those of the head.
    """
    free, end, own = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD

    def write(path: Path) -> None:
        head = {
            "sector_shift": 9, "mini_shift": 6, "tables": 1, "directory": 1, "mini_cutoff": 4096, "mini_first": end, "minis": 0,
            "difat_first": end, "difats": 0, "size": sectors * 512, "content": b"",
        } | fields  # fmt: skip
        start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
        start += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, head["sector_shift"], head["mini_shift"], 0, head["tables"], head["directory"], 0,
            head["mini_cutoff"], head["mini_first"], head["minis"], head["difat_first"], head["difats"], 0)  # fmt: skip
        start += struct.pack("<108I", *([free] * 108))
        nexts = [own, end, *range(3, 2 + sectors), end]
        for sector, follower in (chain or {}).items():
            nexts[sector] = follower
        table = struct.pack("<128I", *(nexts + [free] * 128)[:128])

        def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
            text = (name + "\0").encode("utf-16-le")
            return struct.pack("<64sHBBIII36xIQ", text, len(text), kind, 1, free, free, child, first, size)

        directory = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, head["size"]) + bytes(256)
        content = head["content"] + bytes(sectors * 512 - len(head["content"]))
        path.write_bytes(start[:512].ljust(512, b"\xff") + table + directory + content)

    return write


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


SHEET = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
BOOK = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
BOOK += record(0x85, struct.pack("<IBBBB", len(BOOK) + 13 + 4, 0, 0, 1, 0) + b"k") + record(0x0A, b"")


def of_records(*records: bytes) -> Callable[[Path], None]:
    """A workbook of one sheet with these records."""
    return xls(120, content=BOOK + SHEET + b"".join(records) + record(0x0A, b""))


EXCEL_OF_1997 = {
    "only a head": lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "sectors in a ring": xls(chain={3: 2}),
    "the directory in a ring": xls(chain={1: 1}),
    "a sector beyond the end": xls(chain={2: 0x7FFFFFF0}),
    "sectors of half a gigabyte": xls(sector_shift=29),
    "sectors of nothing": xls(sector_shift=0),
    "more tables than there are": xls(tables=0x7FFFFFFF),
    "a table of tables in a ring": xls(difat_first=0, difats=0x7FFFFFFF),
    "as large as it likes": xls(size=2**62),
    "cells far apart": of_records(
        record(0x203, struct.pack("<HHHd", 0, 0, 0, 1.0)), record(0x203, struct.pack("<HHHd", 65535, 65535, 0, 1.0))
    ),
    "dimensions of everything": of_records(record(0x200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0))),
    "a record longer than the file": of_records(struct.pack("<HH", 0x203, 0xFFFF)),
    "texts of two billion": of_records(record(0xFC, struct.pack("<II", 0x7FFFFFFF, 0x7FFFFFFF))),
}


@pytest.mark.parametrize("dry", some([True, False], 2))
@pytest.mark.parametrize("hostile", [far_cell, wide, bomb, liar, cut])
def test_a_spreadsheet(tmp_path, hostile, dry):
    hostile(tmp_path / "k.xlsx")
    refused_by_the_command(tmp_path, "k.xlsx", dry)


def refused_by_the_command(tmp_path: Path, name: str, dry: bool) -> None:
    """The import of the file of this name ends in a sentence about it, within the limits."""
    (tmp_path / "m.toml").write_text(MAPPING.replace("k.xlsx", name), "utf-8")
    command = [sys.executable, "-m", "core", "import", str(tmp_path / "m.toml"), *(["--dry-run"] if dry else [])]
    began = time.monotonic()
    with (tmp_path / "said").open("wb") as said:
        child = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"KUNDENBLICK_DATA": str(tmp_path / "data")}, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    text = (tmp_path / "said").read_text("utf-8", "replace")
    assert child.returncode == 1 and name in text, text[:500]
    assert len(text) < MAX_SAID
    assert used.ru_maxrss * 1024 < MAX_BYTES
    assert time.monotonic() - began < MAX_S


@pytest.mark.parametrize("which", ["both", "sectors in a ring"])
def test_an_older_spreadsheet_by_the_command(tmp_path, which):
    name = "k.ods" if which in OPEN_DOCUMENT else "k.xls"
    (OPEN_DOCUMENT | EXCEL_OF_1997)[which](tmp_path / name)
    refused_by_the_command(tmp_path, name, dry=False)


@pytest.mark.parametrize(
    ("ending", "which"), some([*(("ods", which) for which in OPEN_DOCUMENT), *(("xls", which) for which in EXCEL_OF_1997)], 3)
)
def test_an_older_spreadsheet_costs_the_server_nothing(store, settings, tmp_path, in_children, ending, which):
    """Refused in a sentence that names it; memory of this process, which asks as the server does, stays as it was."""
    (OPEN_DOCUMENT | EXCEL_OF_1997)[which](tmp_path / f"k.{ending}")
    (tmp_path / "m.toml").write_text(MAPPING.replace("k.xlsx", f"k.{ending}"), "utf-8")
    said: list[str] = []
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the highest so far is counted from here
    began, before = time.monotonic(), highest_bytes()
    assert not import_data(settings, tmp_path / "m.toml", said.append)
    assert f"k.{ending}" in said[0] and len("".join(said)) < MAX_SAID, said[0][:500]
    assert highest_bytes() - before < MAX_MORE_BYTES
    assert time.monotonic() - began < MAX_S
    with reader(Viewer.system("tests")) as r:
        assert r.value("SELECT count(*) FROM account") == 0


def highest_bytes() -> int:
    """The most memory this process had since it was asked to count."""
    told = Path("/proc/self/status").read_text("ascii")
    return int(told.partition("VmHWM:")[2].split()[0]) * 1024


def test_a_file_named_as_a_photo_is_asked_for_its_size_before_it_is_read(tmp_path):
    with (tmp_path / "foto.png").open("wb") as sparse:
        sparse.truncate(2 * 1024 * MIB)
    began = time.thread_time()
    with pytest.raises(RowRejected) as refused:
        describe("photo", tmp_path, "foto.png", tmp_path)
    assert refused.value.code == "form.photo_bytes" and time.thread_time() - began < 0.2


def test_pictures_that_take_long_are_not_computed_again_and_again(monkeypatch, tmp_path):
    who, other = Viewer.staff(4_711), Viewer.staff(4_712)
    image = tmp_path / "x.png"
    quarters().save(image)
    photo_budget.count_computing((who.kind, who.id), photo_budget.BURST_S + 1)
    with pytest.raises(ValidationFailed) as refused:
        preview(image.read_bytes(), who)
    assert refused.value.problems["photo"][0] == "photo_too_often"
    assert preview(image.read_bytes(), other)
    # It comes back by itself.
    later = time.monotonic() + 60
    monkeypatch.setattr(photo_budget.time, "monotonic", lambda: later)
    assert preview(image.read_bytes(), who)
