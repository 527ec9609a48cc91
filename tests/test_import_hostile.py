"""Imports from the page under names, heads, moments and faults that somebody chose to do harm, or that simply happen."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core.base.errors import StoreFull
from core.base.rights import Viewer
from core.imports import job_runner, uploads
from core.imports.job_runner import desk, read_next, take_next, work_off
from core.imports.jobs import begin, confirm, job
from core.imports.recognise import mapping_text, recognise
from core.imports.rehearsal import Rehearsal
from core.imports.uploads import look_at_upload, upload_of
from core.imports.vcards import COLUMNS, cards_of
from core.operations.installation import open_installation
from core.operations.sweep_interrupted import sweep_leftovers
from core.store import close_store, writer
from tests.test_import_jobs import MAPPING, ROWS, me, rehearsed, upload, value  # noqa: F401 - a fixture

HEAD = """
name = "wer"
[files.o]
path = "o.csv"
delimiter = ";"
"""
INVOICE = """
[[tables]]
table = "invoice"
file = "o"
key = ["RNr"]
fields = { account_id = { from = "Nr", by = "number" }, number = "RNr", issued_on = { value = "2026-10-01" }, due_on = { value = "2026-10-01" }, total = "Betrag" }
"""
TEAM = """
[[tables]]
table = "assignment"
file = "o"
fields = { account_id = { from = "Nr", by = "number" }, staff_member_id = { from = "Wer", by = "email" } }
"""


def sent(settings, me, name, *rows):  # noqa: F811
    """An upload of any name, read by a mapping that asks for it."""
    number = upload(settings, me, *rows, name=name)
    job_id = begin(me, number, MAPPING.replace('path = "kunden.csv"', f'path = "{name}"\nformat = "csv"'))
    read_next(settings)
    return number, job_id


@pytest.mark.parametrize("line", ["{documents}/../{victim}", "/", "{victim}", "\ufffe", "{documents}/", "{documents}/.."])
def test_an_upload_called_as_a_file_of_the_program_deletes_nothing_at_the_next_start(firm, settings, me, line):  # noqa: F811
    settings.documents.mkdir(exist_ok=True)
    victim = settings.data / "sicherung.zip"
    victim.write_text("alles")
    sent(settings, me, "files", *ROWS, line.format(documents=settings.documents, victim=victim.name))
    close_store()
    open_installation(settings)
    sweep_leftovers(settings, lambda *_: None)
    assert victim.read_text() == "alles"


@pytest.mark.parametrize("name", ["b0.parquet", ".mapping", "the.mapping", "bad_key.parquet", "staging.duckdb", "given"])
def test_an_upload_keeps_its_bytes_and_is_read_whatever_its_name(firm, settings, me, name):  # noqa: F811
    number = upload(settings, me, *ROWS, name=name)
    name = upload_of(me, number).name
    job_id = begin(me, number, MAPPING.replace('path = "kunden.csv"', f'path = "{name}"\nformat = "csv"'))
    read_next(settings)
    assert job(me, job_id).state == "rehearsed", job(me, job_id)
    kept = (settings.data / "inbox" / str(number)).read_bytes()
    assert kept == "\n".join(["Nr;Firma;Person;Ort", *ROWS, ""]).encode()


@pytest.mark.parametrize("text", [HEAD + INVOICE, HEAD + INVOICE + TEAM])
def test_what_was_confirmed_never_goes_to_another_client_than_was_shown(firm, settings, me, text):  # noqa: F811
    file = upload(settings, me, "10002;RX1;100;unassigned@kanzlei.example", name="o.csv", head="Nr;RNr;Betrag;Wer")
    number = begin(me, file, text)
    read_next(settings)
    digest = job(me, number).digest
    for account, moved in ((firm.foreign, "10099"), (firm.own, "10002")):
        with writer(Viewer.staff(firm.owner)) as tx:
            tx.update("account", account, number=moved)
    confirm(me, number, digest)
    work_off(settings)
    assert (job(me, number).state, job(me, number).is_moved) == ("rehearsed", True), "it is asked once more"
    assert value("SELECT count(*) FROM invoice WHERE number = 'RX1'") == 0
    assert value(f"SELECT count(*) FROM assignment WHERE staff_member_id = {firm.unassigned}") == 0


def test_rows_without_an_id_of_their_own_come_alone(firm, settings, me):  # noqa: F811
    number = begin(me, upload(settings, me, "10002;unassigned@kanzlei.example", name="o.csv", head="Nr;Wer"), HEAD + TEAM)
    read_next(settings)
    confirm(me, number, job(me, number).digest)
    work_off(settings)
    assert job(me, number).state == "done", job(me, number)
    assert value(f"SELECT count(*) FROM assignment WHERE account_id = {firm.foreign}") == 1


@pytest.mark.parametrize("head", ["{Firma}", "{ value = 'Firma' }", "{{Firma}}", "Fir'ma\\"])
def test_a_head_in_braces_is_a_head(firm, settings, me, head):  # noqa: F811
    number = upload(settings, me, "20001;Alpha GmbH;Bremen", "20002;Beta KG;Ulm", "20003;Gamma KG;Ulm", head=f"Kundennummer;{head};Ort")
    facts = look_at_upload(me, number, settings)
    choices = {guess.column: guess.field for guess in recognise(facts["columns"], facts.get("sample") or facts["rows"]) if guess.field}
    choices |= {1: "account.name"}
    job_id = begin(me, number, mapping_text("liste", facts, "kunden.csv", choices))
    read_next(settings)
    confirm(me, job_id, job(me, job_id).digest)
    work_off(settings)
    assert value("SELECT list(name ORDER BY name) FROM account WHERE number LIKE '2000%'") == ["Alpha GmbH", "Beta KG", "Gamma KG"]


def test_no_error_ends_the_threads_that_work_on_imports(firm, settings, me, monkeypatch):  # noqa: F811
    number, tried = rehearsed(settings, me, *ROWS), threading.Event()

    def fails(_self):
        tried.set()
        raise FileNotFoundError("wal")

    monkeypatch.setattr(Rehearsal, "size", fails)
    monkeypatch.setattr(job_runner, "LOOK_EVERY_S", 0.05)
    end = threading.Event()
    thread = threading.Thread(target=job_runner.run, args=(read_next, settings, end), daemon=True)
    thread.start()
    assert tried.wait(10)
    thread.join(0.2)
    assert thread.is_alive()
    end.set()
    desk().ring()
    thread.join(10)
    assert job(me, number).state == "rehearsed"


def test_how_much_a_rehearsal_takes_is_asked_while_the_engine_makes_and_removes_files(firm, settings, me, monkeypatch):  # noqa: F811
    live = desk().live[rehearsed(settings, me, *ROWS)]
    real = job_runner.Rehearsal.size.__globals__["os"].scandir

    def comes_and_goes(folder):
        (Path(folder) / "tmp").write_bytes(b"x")
        found = list(real(folder))
        (Path(folder) / "tmp").unlink()
        return found

    monkeypatch.setattr("core.imports.rehearsal.os.scandir", comes_and_goes)
    assert live.size() > 0


def test_a_full_disk_leaves_no_job_being_taken_over_for_ever(firm, settings, me, monkeypatch):  # noqa: F811
    number, real = rehearsed(settings, me, *ROWS), job_runner.set_job
    confirm(me, number, job(me, number).digest)

    def full(job_id, only_in=(), **values):
        if values.get("state") == "rehearsed":
            raise StoreFull()
        return real(job_id, only_in, **values)

    with monkeypatch.context() as m:
        m.setattr(Rehearsal, "take", lambda *_a, **_k: full(0, state="rehearsed"))
        m.setattr(job_runner, "set_job", full)
        with pytest.raises(StoreFull):
            take_next(settings)
    assert job(me, number).state == "taking"
    work_off(settings)
    assert job(me, number).state == "rehearsed"
    confirm(me, number, job(me, number).digest)
    work_off(settings)
    assert job(me, number).state == "done"


def test_a_file_that_comes_while_old_ones_are_swept_keeps_its_bytes(firm, settings, me, monkeypatch):  # noqa: F811
    upload(settings, me, *ROWS)
    real, came = Path.iterdir, []

    def iterdir(self):
        found = list(real(self))
        if self.name == "inbox" and not came:
            came.append(0)
            came.append(upload(settings, me, *ROWS, name="x.csv"))
        return iter(found)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    uploads.sweep_uploads(settings)
    assert (settings.data / "inbox" / str(came[1])).exists()


def test_cards_without_a_year_of_birth_or_with_a_picture_on_one_line(tmp_path):
    file = tmp_path / "a.vcf"
    picture = "PHOTO;ENCODING=b:" + "A" * 5_000_000
    file.write_text(f"BEGIN:VCARD\nVERSION:3.0\nFN:Eva\n{picture}\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15\nTEL:0421 4711\nEND:VCARD\n")
    refused: list = []
    [(_, values)] = cards_of(file, "utf-8", refused.append, refused.append)
    said = dict(zip(COLUMNS, values, strict=True))
    assert (said["name"], said["born_on"], said["phone"], refused) == ("Eva", None, "0421 4711", [])
