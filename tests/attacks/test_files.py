"""Files from elsewhere that are made to take memory, time or room: read in a child with limits, refused in a short sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from core import photo_budget
from core.errors import ValidationFailed
from core.imports.files import describe
from core.imports.problems import Refused
from core.photos import preview
from core.rights import Viewer
from tests.pictures import quarters

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
    book = openpyxl.Workbook()
    book.active.append(["Nr", "BOMBE"])
    plain = path.with_suffix(".plain")
    book.save(plain)
    with zipfile.ZipFile(plain) as given, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in given.infolist():
            content = given.read(part)
            packed.writestr(part.filename, content.replace(b"BOMBE", b"A" * (300 * MIB)))


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


@pytest.mark.parametrize("hostile", [far_cell, wide, bomb, liar, cut])
@pytest.mark.parametrize("dry", [True, False])
def test_a_spreadsheet(tmp_path, hostile, dry):
    hostile(tmp_path / "k.xlsx")
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    command = [sys.executable, "-m", "core", "import", str(tmp_path / "m.toml"), *(["--dry-run"] if dry else [])]
    began = time.monotonic()
    with (tmp_path / "said").open("wb") as said:
        child = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"KUNDENBLICK_DATA": str(tmp_path / "data")}, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    text = (tmp_path / "said").read_text("utf-8", "replace")
    assert child.returncode == 1 and "k.xlsx" in text, text[:500]
    assert len(text) < MAX_SAID
    assert used.ru_maxrss * 1024 < MAX_BYTES
    assert time.monotonic() - began < MAX_S


def test_a_file_named_as_a_photo_is_asked_for_its_size_before_it_is_read(tmp_path):
    with (tmp_path / "foto.png").open("wb") as sparse:
        sparse.truncate(2 * 1024 * MIB)
    began = time.thread_time()
    with pytest.raises(Refused) as refused:
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
