"""Runs nobody watches: what they leave to a person, what a folder runs by a name, when it rests, and files that cannot be moved."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from core.base.errors import AppError
from core.base.rights import Right, Viewer
from core.i18n import speaking
from core.identity.members import set_role
from core.imports import watched_folders
from core.imports.job_rows import rows_in
from core.imports.job_runner import read_next, work_off
from core.imports.jobs import accept_gone, begin, confirm, job
from core.imports.taking_back import take_import_back
from core.imports.unattended import begin_unattended, run_by_name
from core.imports.watched_folders import Watch, look
from core.store import now, reader, writer
from core.ui.imports.remembered import free_name
from tests.test_import_jobs import MAPPING, OPOS, ROWS, SYSTEM, TEAM, give, taken, upload, value

D = "kundenblick.data."
BEGIN = 'delimiter = ";"\n[[tables]]\ntable = "account"\nfile = "c"\nkey = ["Nr"]\nmatch = ["number"]\n'
CLIENTS = f'name = "stand"\n[files.c]\npath = "m.csv"\n{BEGIN}gone = "archive"\ngone_at_most = 100\nfields = {{ number = "Nr", name = "Firma" }}\n'
ACCESS = f"""name = "zugang"
[files.c]
path = "m.csv"
{BEGIN}fields = {{ number = "Nr", name = "Firma" }}
[[tables]]
table = "contact"
file = "c"
key = ["Nr"]
fields = {{ name = "Firma" }}
[[tables]]
table = "account_contact"
file = "c"
fields = {{ account_id = "Nr", contact_id = "Nr" }}
[[tables]]
table = "contact_email"
file = "c"
key = ["Nr"]
fields = {{ contact_id = "Nr", email = "Mail" }}
[[tables]]
table = "email_access"
file = "c"
fields = {{ account_id = "Nr", contact_id = "Nr", contact_email_id = "Nr", login = {{ value = true }}, suspended_at = "Seit" }}
"""
TASKS = """name = "opos"
[files.o]
path = "m.csv"
delimiter = ";"
[[tables]]
table = "task"
file = "o"
key = ["RNr"]
fields = { account_id = { from = "Konto", by = "number" }, title = "RNr" }
"""


def confirmed(settings, viewer: Viewer, mapping: str, *rows: str, head: str):
    return job(viewer, taken(settings, viewer, *rows, mapping=mapping, name="m.csv", head=head))


def by_itself(settings, name: str, *rows: str, head: str) -> int:
    file = settings.data / "neu.csv"
    file.write_text("\n".join([head, *rows, ""]), "utf-8")
    number = begin_unattended(settings, name, file, by_itself=True)
    work_off(settings)
    return number


@pytest.fixture
def me(firm):
    return firm.viewer("everything")


def test_who_is_let_in_again_waits_for_a_person(firm, settings, me):
    """A client that comes back brings its logins along, and so does a suspension that ends."""
    head, one, two = "Nr;Firma", "10001;Müller/Weber GbR", "10002;Schmidt Straßenbau"
    confirmed(settings, me, CLIENTS, one, two, head=head)
    archived = f"SELECT archived_at IS NOT NULL FROM {D}account WHERE account_id = {firm.own}"
    assert job(me, by_itself(settings, "stand", two, head=head)).state == "done" and value(archived)
    seen = job(me, by_itself(settings, "stand", one, two, head=head))
    assert (seen.state, [given.kind for given in seen.grants], value(archived)) == ("rehearsed", ["client_back"], True)
    confirm(me, seen.id, seen.digest)
    work_off(settings)
    assert not value(archived)

    head = "Nr;Firma;Mail;Seit"
    confirmed(settings, me, ACCESS, "5;Fünf;alt@x.example;2026-01-01T10:00:00", head=head)
    seen = job(me, by_itself(settings, "zugang", "5;Fünf;alt@x.example;", head=head))
    assert (seen.state, [given.kind for given in seen.grants]) == ("rehearsed", ["suspension_lifted"])
    assert value(f"SELECT count(*) FROM {D}email_access WHERE suspended_at IS NOT NULL") == 1


def test_nobody_of_the_team_is_unmade_by_itself(firm, settings, me):
    set_role(SYSTEM, firm.everything, "admin")
    head = "Nr;Name;Mail;Aktiv"
    team = (
        TEAM.replace('theirs = ["role"]', 'theirs = ["is_active"]')
        .replace('role = "Rolle"', 'is_active = "Aktiv"')
        .replace("team.csv", "m.csv")
    )
    new = "1;Neu;neu@kanzlei.example;"
    confirmed(settings, me, team, f"{new}true", head=head)
    for row in (f"{new}false", "2;Olga Owner;owner@kanzlei.example;false"):
        seen = job(me, by_itself(settings, "team", row, head=head))
        assert (seen.state, [given.kind for given in seen.grants]) == ("rehearsed", []), seen
    assert value(f"SELECT count(*) FROM {D}staff_member WHERE NOT is_active AND (role = 'owner' OR name = 'Neu')") == 0
    # Whoever confirms answers for it: an admin may not change an owner.
    confirm(me, seen.id, seen.digest)
    work_off(settings)
    assert (job(me, seen.id).state, job(me, seen.id).problem) == ("refused", "import_oversteps")


def test_a_name_stays_with_those_who_may_import_its_list(firm, settings, me):
    """Who has fewer rights does not change what a folder runs, begun before or after the name was known."""
    head, row = "Konto;RNr;Datum;Betrag", "10001;X1;01.10.2026;100,00"
    opos, tasks = OPOS, TASKS
    give(firm, "unassigned", Right.IMPORT_DATA, Right.VIEW_ALL_ACCOUNTS)
    low = firm.viewer("unassigned")
    early = begin(low, upload(settings, low, "10001;Z8;;", name="m.csv", head=head), tasks)
    read_next(settings)
    confirmed(settings, me, opos, row, head=head)
    with pytest.raises(AppError, match="mapping_name_taken"):
        confirm(low, early, job(low, early).digest)
    with pytest.raises(AppError, match="mapping_name_taken"):
        begin(low, upload(settings, low, "10001;Z9;;", name="m.csv", head=head), tasks)
    # Nor does who has them all, by mistake: it feeds other tables.
    with pytest.raises(AppError, match="mapping_name_taken"):
        begin(me, upload(settings, me, "10001;Z9;;", name="m.csv", head=head), tasks)
    facts = {"columns": head.split(";")}
    assert (free_name(low, "opos", facts), free_name(low, "neu", facts)) == ("opos 2", "neu")
    assert job(me, by_itself(settings, "opos", "10001;X2;01.10.2026;50,00", head=head)).state == "done"
    assert value(f"SELECT count(*) FROM {D}invoice WHERE number = 'X2'") == 1


def test_the_folder_rests_until_somebody_runs_the_list_again(firm, settings, me):
    """Also where a run that found nothing came after the one that was taken back."""
    head, row, more = "Nr;Firma;Person;Ort", "20001;Alpha GmbH;Eva;Bremen", "20009;Neun;Ute;Ulm"
    first = confirmed(settings, me, MAPPING, row, head=head)
    assert confirmed(settings, me, MAPPING, row, head=head).import_run_id is None
    take_import_back(me, first.import_run_id, settings)
    with pytest.raises(AppError) as stopped:
        by_itself(settings, "kunden", row, more, head=head)
    assert stopped.value.code == "import_taken_back"
    confirmed(settings, me, MAPPING, row, head=head)
    assert job(me, by_itself(settings, "kunden", row, more, head=head)).state == "done"


def test_who_takes_half_a_list_for_whole_answers_for_it(firm, settings, me):
    head, rows = "Konto;RNr;Datum;Betrag", [f"10001;X{n};01.10.2026;100,00" for n in range(10)]
    confirmed(settings, me, OPOS, *rows, head=head)
    number = by_itself(settings, "opos", *rows[:2], head=head)
    assert (job(me, number).state, job(me, number).by) == ("refused", "")
    accept_gone(me, number)
    work_off(settings)
    seen = job(me, number)
    assert (seen.state, seen.by, seen.is_unattended) == ("rehearsed", "Emil Alles", False)
    assert value(f"SELECT count(*) FROM {D}payment") == 0
    confirm(me, number, seen.digest)
    work_off(settings)
    assert value("SELECT list(DISTINCT (actor_kind, actor_id)) FROM audit_entry WHERE entity = 'payment'") == [("staff", me.id)]


def test_a_file_that_cannot_be_moved_begins_nothing_and_keeps_no_other_waiting(firm, settings, me, monkeypatch):
    head = "Nr;Firma;Person;Ort"
    confirmed(settings, me, MAPPING, "20001;Alpha GmbH;Eva;Bremen", head=head)
    folder, watch, move = settings.data / "inbox" / "kunden", Watch(), shutil.move
    folder.mkdir()
    long = "k" * 251 + ".csv"
    for name, row in (("a.csv", "20006;Zeta;Ute;Ulm"), ("gut.csv", "20005;Epsilon;Ute;Ulm"), (long, "20007;Eta;Ute;Ulm")):
        (folder / name).write_text(f"{head}\n{row}\n", "utf-8")

    def stuck(path, target):
        if path.name == "a.csv":
            # As between two disks: copied, and not removed.
            shutil.copy(path, target)
            raise PermissionError(13, "another's folder")
        return move(path, target)

    def looked(*moments: float) -> None:
        for moment in moments:
            look(settings, watch, moment)
            work_off(settings)

    kept, jobs = (f"SELECT count(*) FROM {D}{table}" for table in ("import_file", "import_job"))
    before = value(kept), value(jobs)
    monkeypatch.setattr(watched_folders.shutil, "move", stuck)
    looked(0, 61, 81, 141, 161, 221)
    assert value(f"SELECT list(number ORDER BY number) FROM {D}account WHERE number LIKE '2000%'") == ["20001", "20005", "20007"]
    assert (value(kept), value(jobs)) == (before[0] + 2, before[1] + 2)
    done = sorted(path.name for path in (folder / "done").iterdir())
    assert done == ["gut.csv", "k" * 196 + ".csv"] and (folder / "a.csv").exists()
    assert not list((settings.data / "inbox" / ".taken").iterdir())
    # The same file again is told, and no second copy of it is kept.
    monkeypatch.undo()
    looked(300, 361, 381)
    assert value(f"SELECT count(*) FROM {D}account WHERE number = '20006'") == 1
    before = value(kept), value(jobs)
    (folder / "a.csv").write_text(f"{head}\n20006;Zeta;Ute;Ulm\n", "utf-8")
    looked(400, 461, 481)
    assert (value(kept), value(jobs)) == before and not (folder / "a.csv").exists()
    # One that was being taken when the server ended begins no second run.
    half = settings.data / "inbox" / ".taken" / ("0" * 20) / "kunden" / "halb.csv"
    half.parent.mkdir(parents=True)
    half.write_text(f"{head}\n20008;Theta;Ute;Ulm\n", "utf-8")
    looked(500)
    assert (value(jobs), half.parent.parent.exists()) == (before[1], False)
    assert "noch einmal" in (folder / "stopped" / "halb.csv.txt").read_text("utf-8")


def test_a_folder_with_times_of_the_day_waits_for_them(settings, me, monkeypatch):
    taken(settings, me, *ROWS)
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE import_job SET mapping_text = 'at = [\"06:00\"]' || chr(10) || mapping_text")
    folder, watch, came = settings.data / "inbox" / "kunden", Watch(), now()
    folder.mkdir()
    (folder / "gut.csv").write_text("Nr;Firma;Person;Ort\n20005;Epsilon;Ute;Ulm\n", "utf-8")
    look(settings, watch, 0)
    for later, is_taken in ((timedelta(0), False), (timedelta(hours=25), True)):
        monkeypatch.setattr("core.imports.watched_folders.now", lambda at=came + later: at)
        look(settings, watch, 61)
        assert bool(rows_in("read")) is is_taken


def test_a_remembered_mapping_runs_by_name_and_from_its_folder(firm, settings, me, tmp_path, monkeypatch):
    mails: list[tuple[str, str]] = []
    monkeypatch.setattr("core.imports.told_by_mail.can_send", lambda _: True)
    monkeypatch.setattr("core.imports.told_by_mail.send", lambda _s, to, _subject, text, mark: mails.append((to, text)))
    taken(settings, me, *ROWS)
    said: list[str] = []
    file = tmp_path / "neu.csv"

    def by_name(*rows: str) -> bool:
        file.write_text("\n".join(["Nr;Firma;Person;Ort", *rows, ""]), "utf-8")
        said.clear()
        with speaking("en"):
            return run_by_name(settings, "kunden", file, said.append)

    assert by_name("20001;Alpha AG;Eva A;Bremen", "20003;Gamma;Ina;Ulm"), said
    assert "account: 1 new, 1 changed, 0 unchanged" in said and value("SELECT name FROM account WHERE number = '20001'") == "Alpha AG"
    with reader(SYSTEM) as r:
        assert r.value("SELECT actor_kind FROM audit_entry WHERE action = 'imported' ORDER BY audit_entry_id DESC LIMIT 1") == "system"
    assert by_name("20001;Alpha AG;Eva A;Bremen", "20003;Gamma;Ina;Ulm") and "same file" in said[0]
    # A refused row stops it; a contact of a client that was there would be given away: that waits for a person.
    assert not by_name("20004;Delta;;Ulm") and value("SELECT count(*) FROM account WHERE number = '20004'") == 0
    folder, watch = settings.data / "inbox" / "kunden", Watch()
    folder.mkdir()
    (settings.data / "inbox" / "fremd").mkdir()
    (settings.data / "inbox" / "fremd" / "x.csv").write_text("Nr\n1\n")
    (folder / "gut.csv").write_text("Nr;Firma;Person;Ort\n20005;Epsilon;Ute;Ulm\n", "utf-8")
    (folder / "schlecht.csv").write_text("Nr;Firma\n20006;Zeta\n", "utf-8")
    (folder / "verweis.csv").symlink_to("/etc/passwd")
    look(settings, watch, 0)
    look(settings, watch, 59)
    assert not rows_in("read")
    look(settings, watch, 61)
    work_off(settings)
    look(settings, watch, 62)
    assert [path.name for path in sorted((folder / "done").iterdir())] == ["gut.csv"]
    assert [path.name for path in sorted((folder / "stopped").iterdir())] == ["schlecht.csv", "schlecht.csv.txt"]
    assert value("SELECT count(*) FROM account WHERE number = '20005'") == 1
    assert (settings.data / "inbox" / "fremd" / "x.csv").exists()
    [(to, text)] = mails
    assert to == "everything@kanzlei.example" and "/imports?import=" in text and "kunden" not in text and "Zeta" not in text
    # Taken back, it runs no more by itself.
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE import_run SET undone_at = now()")
    (folder / "nochmal.csv").write_text("Nr;Firma;Person;Ort\n20007;Eta;Ute;Ulm\n", "utf-8")
    look(settings, watch, 100)
    look(settings, watch, 200)
    assert (folder / "stopped" / "nochmal.csv.txt").exists() and not rows_in("read")
    assert by_name("20007;Eta;Ute;Ulm"), said
