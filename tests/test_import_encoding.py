"""A file in another encoding than the mapping says is refused in words, with what to write; alone and through the server alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.i18n import speaking
from core.operations import background, control_socket
from tests.test_import_all import run

MAPPING = """
[files.clients]
path = "clients.csv"
[[tables]]
table = "account"
file = "clients"
key = ["no"]
fields = { number = "no", name = "Größe" }
"""
WHOLE = 'clients.csv: The file is not written in UTF-8. Say under [files.clients] in what it is, for example: encoding = "{}"'


@pytest.fixture
def folder(store, tmp_path) -> Path:
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    return tmp_path


def write(folder: Path, text: str, encoding: str) -> None:
    (folder / "clients.csv").write_bytes(text.encode(encoding))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_another_encoding_is_told_as_a_whole(settings, folder, encoding):
    write(folder, "no,Größe\n1,Müller\n", encoding)
    good, said = run(settings, folder / "m.toml")
    assert not good and WHOLE.format("cp1252" if encoding == "cp1252" else "utf-16") in said, said


def test_the_server_says_the_same(settings, folder):
    write(folder, "no,Größe\n1,Müller\n", "cp1252")
    said: list[str] = []
    with background.serve(settings), speaking("en"):
        assert control_socket.ask(settings, "import_mapping", {"mapping": str(folder / "m.toml")}, said.append) == 1
    assert WHOLE.format("cp1252") in said, said


@pytest.mark.parametrize("row", ["1,Müller", "1,Müller,zu viel", "Mü,Müller,zu,viel"])
@pytest.mark.parametrize("mend", ["", 'surplus = { mend = "name" }'])
def test_a_row_in_another_encoding_is_told_by_the_server_too(settings, folder, row, mend):
    mapping = MAPPING.replace('path = "clients.csv"', f'path = "clients.csv"\n{mend}').replace("Größe", "name")
    (folder / "m.toml").write_text(mapping, "utf-8")
    write(folder, f"no,name\n{row}\n", "cp1252")
    said: list[str] = []
    with background.serve(settings), speaking("en"):
        assert control_socket.ask(settings, "import_mapping", {"mapping": str(folder / "m.toml")}, said.append) == 1
    assert any(line.startswith("clients.csv, line 2, ") and 'encoding = "cp1252"' in line for line in said), said


def test_the_named_encoding_is_doubted_too(settings, folder):
    (folder / "m.toml").write_text(MAPPING.replace('"clients.csv"', '"clients.csv"\nencoding = "utf-16"'), "utf-8")
    write(folder, "no,Größe\n1,Müller\n", "utf-8")
    good, said = run(settings, folder / "m.toml")
    assert not good and any("is not written in utf-16" in line and 'encoding = "utf-8"' in line for line in said), said
