"""What an import leaves out is told in full: how many lines, why, and what goes with them; each line once."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.i18n import speaking
from core.imports import plan
from core.operations import background, control_socket
from tests.faults.import_kills import FEW
from tests.test_import_all import run, value

LATER = """
[files.dates]
path = "dates.csv"
[[tables]]
table = "invoice"
file = "dates"
key = ["no"]
fields = { account_id = "no", number = "no", issued_on = "issued", due_on = "due", total = { value = "1" } }
"""


@pytest.fixture
def folder(store, tmp_path) -> Path:
    (tmp_path / "few.toml").write_text(FEW, "utf-8")
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(name, "utf-8")
    return tmp_path


def clients(folder: Path, *rows: str) -> None:
    (folder / "clients.csv").write_text("\n".join(["no,name,file", *rows]) + "\n", "utf-8")


def test_a_quote_that_never_closes_refuses_all_lines_behind_it(settings, folder):
    clients(folder, "1,Eins,a.txt", '2,"Zwei,b.txt', *(f"{number},Kunde {number},a.txt" for number in range(3, 51)))
    _, said = run(settings, folder / "few.toml", skip_refused=True)
    assert any(line.startswith("clients.csv, lines 3 to 51: A quotation mark opens here") for line in said), said
    assert "49 rows refused." in said
    assert value("SELECT count(*) FROM account") == 1


def test_a_line_with_two_problems_is_one_refused_line(settings, folder):
    (folder / "few.toml").write_text(FEW + LATER, "utf-8")
    clients(folder, "1,Eins,a.txt")
    (folder / "dates.csv").write_text("no,issued,due\n1,gestern,morgen\n", "utf-8")
    _, said = run(settings, folder / "few.toml")
    assert len([line for line in said if line.startswith("dates.csv, line 2")]) == 2
    assert "1 row refused." in said


def test_a_contact_goes_with_the_only_client_it_had(settings, folder):
    clients(folder, "1,Eins,a.txt", "2,,b.txt")
    (folder / "few.toml").write_text(FEW.replace('fields = { name = "name" }', 'fields = { name = { value = "Kontakt" } }'), "utf-8")
    good, said = run(settings, folder / "few.toml", skip_refused=True)
    assert good, said
    assert value("SELECT count(*) FROM contact") == 1
    assert "clients.csv, line 3: None of this contact’s clients is taken over." in said


def test_lines_of_nothing_but_commas_are_no_rows(settings, folder):
    clients(folder, "1,Eins,a.txt", ",,", "2,Zwei,b.txt", ",,")
    good, said = run(settings, folder / "few.toml")
    assert good, said
    assert value("SELECT count(*) FROM account") == 2


def test_what_a_row_lacks_in_several_tables_is_said_once_and_in_one_line(settings, folder):
    clients(folder, '1,Eins,"a\n.txt"')
    _, said = run(settings, folder / "few.toml")
    assert len(said) == len(set(said))
    assert all("\n" not in line for line in said)


@pytest.mark.parametrize("problem", [KeyError("x"), ValueError("x"), TypeError("x"), RuntimeError("x")])
def test_a_command_that_fails_beside_the_server_says_so(store, settings, monkeypatch, problem):
    def fails(*_: object) -> int:
        raise problem

    said: list[str] = []
    with background.serve(settings), speaking("en"):
        monkeypatch.setattr(control_socket, "perform", fails)
        code = control_socket.ask(settings, "status", {}, said.append)
    assert code == 1 and said, said


def test_a_file_of_which_every_row_is_wrong_is_told_by_its_first_ones(settings, folder, monkeypatch):
    monkeypatch.setattr(plan, "MAX_REFUSED_TOLD", 3)
    clients(folder, *(f"{number},Kunde {number},a.txt" for number in range(1, 10)))
    text = FEW.replace('fields = { name = "name" }', 'fields = { name = { value = "Kontakt" } }')
    (folder / "few.toml").write_text(text + LATER.replace('number = "no"', 'number = "no"').replace("dates", "clients2"), "utf-8")
    (folder / "clients2.csv").write_text("no,issued,due\n" + "".join(f"x{n},2026-01-01,2026-01-01\n" for n in range(8)), "utf-8")
    good, said = run(settings, folder / "few.toml")
    assert not good
    assert len([line for line in said if line.startswith("clients2.csv, line")]) == 4
    assert any("and 4 more rows with the same problem." in line for line in said), said
    assert "8 rows refused." in said
