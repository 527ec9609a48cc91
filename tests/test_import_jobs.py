"""An import as a job: read, rehearsed cell by cell, decided, confirmed as it was seen, taken over in somebody's name, and after a restart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.base.errors import AppError, EditConflict, NotAllowed, NotFound, StoreFull, ValidationFailed, ViewingOnly
from core.base.rights import Right, Viewer
from core.identity.members import set_role
from core.imports import may_import, uploads
from core.imports.job_runner import desk, read_next, resume, take_next, work_off
from core.imports.jobs import accept_gone, begin, cancel, changed_cells, confirm, decide, decide_all, job, own_jobs, runs
from core.imports.run import import_data
from core.imports.unattended import begin_unattended
from core.imports.uploads import receive_upload, sweep_uploads, uploads_of
from core.operations.installation import open_installation
from core.operations.sweep_interrupted import sweep_leftovers
from core.store import close_store, now, reader, writer
from core.store.tables import TABLES

SYSTEM = Viewer.system("tests")
MAPPING = """
name = "kunden"
[files.c]
path = "kunden.csv"
delimiter = ";"
[[tables]]
table = "account"
file = "c"
key = ["Nr"]
match = ["number"]
fields = { number = "Nr", name = "Firma" }
[[tables]]
table = "contact"
file = "c"
key = ["Nr"]
fields = { name = "Person", city = "Ort" }
[[tables]]
table = "account_contact"
file = "c"
fields = { account_id = "Nr", contact_id = "Nr" }
"""
ROWS = ("20001;Alpha GmbH;Eva A;Bremen", "20002;Beta KG;Uwe B;Köln")


def upload(settings, viewer, *rows: str, name: str = "kunden.csv", head: str = "Nr;Firma;Person;Ort") -> int:
    with receive_upload(viewer, settings, name, None) as incoming:
        incoming.write("\n".join([head, *rows, ""]).encode())
        return incoming.keep(viewer)


def rehearsed(settings, viewer, *rows: str, mapping: str = MAPPING, **file: str) -> int:
    number = begin(viewer, upload(settings, viewer, *rows, **file), mapping)
    read_next(settings)
    return number


def taken(settings, viewer, *rows: str, mapping: str = MAPPING, **file: str) -> int:
    """Bring rows in by the page from the file to the end; return the job's number."""
    number = rehearsed(settings, viewer, *rows, mapping=mapping, **file)
    seen = job(viewer, number)
    assert seen.state == "rehearsed", (seen.problem, seen.problems)
    confirm(viewer, number, seen.digest)
    work_off(settings)
    assert job(viewer, number).state == "done", job(viewer, number)
    return number


def value(query: str):
    with reader(SYSTEM) as r:
        return r.value(query)


@pytest.fixture
def me(firm):
    return firm.viewer("everything")


def test_from_a_file_to_the_clients_in_ones_own_name(firm, settings, me):
    number = rehearsed(settings, me, *ROWS, ";;Ohne Nummer;Ulm")
    seen = job(me, number)
    assert (seen.state, seen.mapping, seen.files, seen.by) == ("rehearsed", "kunden", ("kunden.csv",), "Emil Alles"), seen
    assert seen.counts["account"] == {"new": 2, "changed": 0, "same": 0}
    assert (seen.kinds["new"], seen.kinds["refused"]) == (6, 1)
    found = changed_cells(me, number, "new", ("account", ""))
    assert [(cell.key, cell.client, cell.says) for cell in found.rows] == [
        ("20001", "Alpha GmbH", "20001 · Alpha GmbH"), ("20002", "Beta KG", "20002 · Beta KG")
    ]  # fmt: skip
    assert changed_cells(me, number, "new", text="köln").total == 1
    assert "kunden.csv" in changed_cells(me, number, "refused").rows[0].says
    assert value("SELECT count(*) FROM account") == 3
    with pytest.raises(EditConflict):
        confirm(me, number, "another")
    confirm(me, number, seen.digest)
    assert job(me, number).state == "waiting" and job(me, number).progress.place == 1
    work_off(settings)
    seen = job(me, number)
    assert seen.state == "done" and seen.import_run_id and number not in desk().live
    assert value("SELECT count(*) FROM account") == 5
    with reader(SYSTEM) as r:
        entries = r.rows(
            "SELECT DISTINCT actor_kind, actor_id, through FROM audit_entry WHERE entity IN ('account', 'import_run') AND actor_id = $me",
            me=me.id,
        )
    assert entries == [{"actor_kind": "staff", "actor_id": me.id, "through": "import"}]
    told = runs(me)
    assert [(run.mapping, run.by, run.is_newest, run.job_id, run.files) for run in told.runs] == [
        ("kunden", "Emil Alles", True, number, ("kunden.csv",))
    ]
    assert [kept.mapping for kept in told.mappings] == ["kunden"] and not told.open_jobs
    assert not list(settings.data.glob("import-*"))


def test_what_changed_on_both_sides_is_decided_cell_by_cell_or_by_field(firm, settings, me):
    taken(settings, me, *ROWS)
    for number in ("20001", "20002"):
        account = value(f"SELECT account_id FROM account WHERE number = '{number}'")
        with writer(SYSTEM) as tx:
            tx.update("account", account, name=f"Hier {number}")
    number = begin(me, upload(settings, me, "20001;Alpha AG;Eva A;Ulm", "20002;Beta AG;Uwe B;Köln", name="neu.csv"), mapping_name="kunden")
    read_next(settings)
    assert job(me, number).kinds == {"changed": 1, "both": 2, "away": 0, "refused": 0}
    assert [(c.field, c.here, c.says) for c in changed_cells(me, number, "changed").rows] == [("city", "Bremen", "Ulm")]
    cells = changed_cells(me, number, "both")
    assert [(c.here, c.says, c.last) for c in cells.rows] == [
        ("Hier 20001", "Alpha AG", "Alpha GmbH"), ("Hier 20002", "Beta AG", "Beta KG")
    ]  # fmt: skip
    before = job(me, number).digest
    decide_all(me, number, "account", "name", "ours")
    decide(me, number, [cells.rows[1].id], "theirs")
    assert [c.choice for c in changed_cells(me, number, "both").rows] == ["ours", "theirs"]
    with pytest.raises(EditConflict):
        confirm(me, number, before)
    confirm(me, number, job(me, number).digest)
    work_off(settings)
    assert job(me, number).state == "done"
    with reader(SYSTEM) as r:
        names = [row["name"] for row in r.rows("SELECT name FROM account WHERE number LIKE '2%' ORDER BY number")]
    assert names == ["Hier 20001", "Beta AG"] and value("SELECT city FROM contact WHERE name = 'Eva A'") == "Ulm"
    # Decided once, the same file asks nothing more.
    again = begin(me, upload(settings, me, "20001;Alpha AG;Eva A;Ulm", "20002;Beta AG;Uwe B;Köln"), mapping_name="kunden")
    read_next(settings)
    assert not any(job(me, again).kinds.values())


def test_what_moved_after_it_was_seen_is_asked_again_and_only_that(firm, settings, me):
    taken(settings, me, *ROWS)
    number = rehearsed(settings, me, "20001;Alpha AG;Eva A;Bremen", "20002;Beta AG;Uwe B;Köln")
    seen = job(me, number)
    account = value("SELECT account_id FROM account WHERE number = '20002'")
    with writer(SYSTEM) as tx:
        tx.update("account", account, name="Beta OHG")
    confirm(me, number, seen.digest)
    work_off(settings)
    moved = job(me, number)
    assert (moved.state, moved.is_moved) == ("rehearsed", True) and moved.digest != seen.digest
    assert changed_cells(me, number, "changed").total == 0
    assert [c.here for c in changed_cells(me, number, "both").rows] == ["Beta OHG"]
    confirm(me, number, moved.digest)
    work_off(settings)
    assert value("SELECT name FROM account WHERE number = '20001'") == "Alpha AG"
    assert value("SELECT name FROM account WHERE number = '20002'") == "Beta OHG"


def test_two_people_and_one_file_bring_it_once(firm, settings, me):
    owner = firm.viewer("owner")
    mine, theirs = rehearsed(settings, me, *ROWS), rehearsed(settings, owner, *ROWS)
    assert {job(me, number).state for number in (mine, theirs)} == {"rehearsed"}
    confirm(owner, mine, job(owner, mine).digest)
    confirm(me, theirs, job(me, theirs).digest)
    with pytest.raises(EditConflict):
        confirm(me, mine, job(me, mine).digest)
    work_off(settings)
    assert (job(me, mine).state, job(me, mine).by) == ("done", "Olga Owner")
    assert (job(me, theirs).state, job(me, theirs).is_moved) == ("rehearsed", True)
    assert value("SELECT count(*) FROM account WHERE number LIKE '2%'") == 2
    assert cancel(me, theirs) and job(me, theirs).problem == "import_cancelled" and not cancel(me, mine)


def give(firm, who: str, *keys: str) -> None:
    with writer(SYSTEM) as tx:
        tx.delete_all("staff_right", staff_member_id=getattr(firm, who))
        for key in keys:
            tx.insert("staff_right", staff_member_id=getattr(firm, who), right_key=key)


def mapping_of(table: str, column: str = "x") -> str:
    return (
        f'name = "m"\n[files.f]\npath = "f.csv"\n[[tables]]\ntable = "{table}"\nfile = "f"\nkey = ["Nr"]\nfields = {{ {column} = "Nr" }}\n'
    )


def test_every_table_needs_its_rights_whatever_else_one_has(firm, settings):
    """Each table, with each single right left out of those it needs, for an employee, an admin, an owner; and asked again later."""
    assert not may_import.unknown_tables()
    who, viewer = "unassigned", firm.viewer("unassigned")
    give(firm, who, "import_data")
    number = upload(settings, viewer, "1", name="f.csv", head="Nr")
    for table in sorted(TABLES):
        text = mapping_of(table, "rate" if table == "time_entry" else "x")
        needed = None if table in may_import.COMMAND_LINE_ONLY else may_import.needs_of({table: {"rate"}})
        if needed is None or may_import.ADMIN in needed:
            give(firm, who, *(right.value for right in Right))
            with pytest.raises(NotAllowed):
                begin(viewer, number, text)
            continue
        give(firm, who, *needed)
        begun = begin(viewer, number, text)
        for lacking in sorted(needed):
            give(firm, who, *(needed - {lacking}))
            with pytest.raises(NotAllowed):
                begin(viewer, number, text)
            for ask in (job, cancel, lambda v, n: changed_cells(v, n, "refused"), lambda v, n: confirm(v, n, "")):
                with pytest.raises((NotFound, NotAllowed)):
                    ask(viewer, begun)
            if lacking != "import_data":
                assert begun not in [each.id for each in runs(viewer).open_jobs]
    set_role(SYSTEM, firm.unassigned, "admin")
    for table in ("staff_member", "staff_right"):
        assert begin(viewer, number, mapping_of(table))
    for table in ("firm", "login", "session", "audit_entry"):
        for high in (viewer, firm.viewer("owner")):
            with pytest.raises((NotAllowed, NotFound)):
                begin(high, number, mapping_of(table))
    # What an export wrote is taken as it stands, so that is for the command line too.
    with pytest.raises(NotAllowed):
        begin(viewer, number, mapping_of("tag", "name").replace("[files.f]", "[files.f]\nown = true"))


TEAM = """
name = "team"
[files.t]
path = "team.csv"
delimiter = ";"
[[tables]]
table = "staff_member"
file = "t"
key = ["Nr"]
match = ["email"]
theirs = ["role"]
fields = { name = "Name", email = "Mail", role = "Rolle" }
"""


@pytest.mark.parametrize(
    ("row", "state"),
    [("1;Neu;neu@kanzlei.example;employee", "rehearsed"), ("1;Neu;neu@kanzlei.example;admin", "refused"),
     ("1;Olga;owner@kanzlei.example;employee", "refused"), ("1;Emil Alles;everything@kanzlei.example;owner", "refused")],
)  # fmt: skip
def test_nobody_raises_anybody_to_where_they_may_not(firm, settings, row, state):
    set_role(SYSTEM, firm.everything, "admin")
    admin = firm.viewer("everything")
    number = begin(admin, upload(settings, admin, row, name="team.csv", head="Nr;Name;Mail;Rolle"), TEAM)
    read_next(settings)
    seen = job(admin, number)
    assert seen.state == state and (state == "rehearsed" or seen.problem == "import_oversteps"), seen
    assert value("SELECT count(*) FROM staff_member WHERE role = 'owner'") == 1


def test_a_right_taken_away_meanwhile_stops_the_takeover(firm, settings, me):
    number = rehearsed(settings, me, *ROWS)
    confirm(me, number, job(me, number).digest)
    give(firm, "everything", "import_data", "manage_accounts")
    work_off(settings)
    with pytest.raises(NotFound):
        job(me, number)
    assert (job(firm.viewer("owner"), number).state, value("SELECT count(*) FROM account")) == ("refused", 3)


@pytest.mark.parametrize(
    "change",
    [('path = "kunden.csv"', 'path = "../kundenblick.duckdb"'), ('path = "kunden.csv"', 'path = "/etc/passwd"'),
     ('city = "Ort"', 'city = { from = "Ort", folder = "/etc" }'), ("[files.c]", "[files.c"),
     ('name = "kunden"', f'name = "{"x" * 200}"')],
)  # fmt: skip
def test_a_mapping_names_uploaded_files_and_nothing_of_the_server(firm, settings, me, change):
    one, two = upload(settings, me, *ROWS), upload(settings, me, *ROWS, name="zweite.csv")
    with pytest.raises(ValidationFailed):
        begin(me, (one, two), MAPPING.replace(*change))
    with pytest.raises(NotFound):
        begin(firm.viewer("owner"), one, MAPPING)


def test_a_job_goes_on_after_a_kill_at_each_of_its_states(firm, settings, me):
    """Killed while in line, rehearsed, confirmed, and while it is taken over, before and after the commit."""

    def killed() -> None:
        close_store()
        open_installation(settings)
        sweep_leftovers(settings, print)
        resume()

    number = begin(me, upload(settings, me, *ROWS), MAPPING)
    killed()
    read_next(settings)
    digest = job(me, number).digest
    killed()
    assert job(me, number).state == "read"
    with pytest.raises(NotFound):
        changed_cells(me, number, "new")
    read_next(settings)
    assert (job(me, number).state, job(me, number).digest) == ("rehearsed", digest)
    confirm(me, number, digest)
    killed()
    read_next(settings)
    assert job(me, number).state == "waiting"
    with writer(SYSTEM) as tx:
        tx.update("import_job", number, state="taking")
    killed()
    work_off(settings)
    assert (job(me, number).state, value("SELECT count(*) FROM account")) == ("done", 5)
    killed()
    work_off(settings)
    assert (job(me, number).state, value("SELECT count(*) FROM account")) == ("done", 5)
    assert not list(settings.data.glob("import-*"))
    # Stopped while it is read, it stays in line.
    number = begin(me, upload(settings, me, *ROWS), MAPPING)
    desk().stop()
    read_next(settings)
    assert job(me, number).state == "read" and [each.state for each in own_jobs(me)] == ["read", "done"]
    killed()
    read_next(settings)
    assert job(me, number).state == "rehearsed" and cancel(me, number)
    # Confirmed, killed, and changed here before it was read again: it asks.
    number = rehearsed(settings, me, "20001;Alpha AG;Eva A;Bremen", "20002;Beta AG;Uwe B;Köln")
    confirm(me, number, job(me, number).digest)
    killed()
    with writer(SYSTEM) as tx:
        tx.update("account", value("SELECT account_id FROM account WHERE number = '20001'"), name="Anders")
    work_off(settings)
    assert (job(me, number).state, job(me, number).is_moved) == ("rehearsed", True)
    assert value("SELECT name FROM account WHERE number = '20002'") == "Beta KG"


def test_a_full_disk_or_a_wrong_file_says_so_and_writes_nothing(firm, settings, me, monkeypatch):
    with pytest.raises(StoreFull), monkeypatch.context() as patch:
        patch.setattr(uploads, "ROOM_LEFT_BYTES", 2**60)
        upload(settings, me, *ROWS)
    with pytest.raises(ViewingOnly):
        upload(settings, Viewer.looking_as(firm.everything, firm.owner), *ROWS)
    with pytest.raises(AppError, match="busy"), receive_upload(me, settings, "a.csv", 1), receive_upload(me, settings, "b.csv", 1):
        pass
    number = begin(me, upload(settings, me, "1", head="Etwas"), MAPPING)
    read_next(settings)
    wrong = job(me, number)
    assert (wrong.state, wrong.problem) == ("refused", "mapping_invalid") and wrong.problems, wrong
    assert changed_cells(me, number, "refused").total == wrong.problem_count
    full = rehearsed(settings, me, *ROWS)
    confirm(me, full, job(me, full).digest)
    with monkeypatch.context() as patch:
        patch.setattr("core.imports.rehearsal.taken", lambda *_: (_ for _ in ()).throw(StoreFull()))
        take_next(settings)
    assert (job(me, full).state, job(me, full).problem) == ("rehearsed", StoreFull.code)
    confirm(me, full, job(me, full).digest)
    work_off(settings)
    assert job(me, full).state == "done"
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE import_file SET made_at = $old", {"old": now() - uploads.KEPT * 2})
        tx.execute("UPDATE import_job SET ended_at = $old WHERE ended_at IS NOT NULL", {"old": now() - uploads.KEPT * 2})
    assert sweep_uploads(settings) > 0 and not any(each.is_there for each in uploads_of(me))
    assert [path.name for path in (settings.data / "inbox").iterdir()] == []
    assert (
        value("SELECT count(*) FROM kundenblick.data.import_job WHERE told IS NOT NULL OR problems IS NOT NULL") == 0
        and not job(me, wrong.id).problems
    )
    old = rehearsed(settings, me, *ROWS)
    with writer(SYSTEM) as tx:
        tx.update("import_job", old, made_at=now() - timedelta(hours=25))
    read_next(settings)
    assert (job(me, old).state, job(me, old).problem) == ("interrupted", "import_expired") and not list(settings.data.glob("import-*"))


def test_a_mapping_of_the_command_line_is_remembered_too(firm, settings, me, tmp_path):
    (tmp_path / "kunden.csv").write_text("\n".join(["Nr;Firma;Person;Ort", *ROWS, ""]), "utf-8")
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    assert import_data(settings, tmp_path / "m.toml", print)
    [kept] = runs(me).mappings
    assert kept.mapping == "kunden" and kept.newest.is_newest
    number = begin(me, upload(settings, me, "20001;Alpha AG;Eva A;Bremen", name="neu.csv"), mapping_name="kunden")
    read_next(settings)
    assert {kind: n for kind, n in job(me, number).kinds.items() if n} == {"changed": 1}


def test_a_run_that_gives_access_waits_for_a_person_who_then_answers_for_it(firm, settings, me):
    text = (
        MAPPING
        + """
[[tables]]
table = "assignment"
file = "c"
fields = { account_id = "Nr", staff_member_id = { value = "unassigned@kanzlei.example", by = "email" } }
"""
    )
    number = begin(me, upload(settings, me, *ROWS), text)
    read_next(settings)
    confirm(me, number, job(me, number).digest)
    work_off(settings)
    file = settings.data / "neu.csv"
    file.write_text("Nr;Firma;Person;Ort\n10001;Müller/Weber GbR;Maria;Ulm\n", "utf-8")
    waiting = begin_unattended(settings, "kunden", file)
    work_off(settings)
    seen = job(me, waiting)
    assert (seen.state, seen.by) == ("rehearsed", "") and ("assignment", 1) in [(each.kind, each.count) for each in seen.grants]
    owner, grant = firm.viewer("owner"), next(each for each in seen.grants if each.kind == "assignment")
    decide(owner, waiting, grant.ids, "ours")
    assert next(each for each in job(me, waiting).grants if each.kind == "assignment").left == {*grant.ids}
    with pytest.raises(EditConflict):
        confirm(owner, waiting, seen.digest)
    confirm(owner, waiting, job(me, waiting).digest)
    work_off(settings)
    assert (job(me, waiting).state, job(me, waiting).by) == ("done", "Olga Owner")
    assert value(f"SELECT count(*) FROM assignment WHERE account_id = {firm.own} AND staff_member_id = {firm.unassigned}") == 0
    assert value("SELECT city FROM contact WHERE name = 'Maria'") == "Ulm"


OPOS = """
name = "opos"
[files.o]
path = "opos.csv"
delimiter = ";"
decimal = ","
date = "%d.%m.%Y"
[[tables]]
table = "invoice"
file = "o"
key = ["Konto", "RNr"]
gone = "paid"
as_of = "file"
fields = { account_id = { from = "Konto", by = "number" }, number = "RNr", issued_on = "Datum", due_on = "Datum", total = "Betrag", status = { value = "unpaid" } }
"""


def test_a_list_says_what_is_gone_and_back_and_half_a_list_asks(firm, settings, me):
    def listed(*numbers: int) -> int:
        rows = [f"10001;L{n};01.11.2026;{n},50" for n in numbers]
        begun = begin(me, upload(settings, me, *rows, name="opos.csv", head="Konto;RNr;Datum;Betrag"), OPOS)
        read_next(settings)
        return begun

    def take(number: int) -> None:
        confirm(me, number, job(me, number).digest)
        work_off(settings)
        assert job(me, number).state == "done", job(me, number)

    take(listed(*range(1, 11)))
    second = listed(*range(2, 12))
    assert {kind: n for kind, n in job(me, second).kinds.items() if n} == {"new": 1, "gone": 1}, job(me, second).problems
    [gone] = changed_cells(me, second, "gone").rows
    assert (gone.table, gone.key, gone.client) == ("payment", "10001,L1", "Müller/Weber GbR") and "1.50" in gone.says
    assert len(job(me, second).messages) == 1
    take(second)
    third = listed(*range(1, 12))
    assert {kind: n for kind, n in job(me, third).kinds.items() if n} == {"back": 1}
    assert changed_cells(me, third, "back").rows[0].key == "10001,L1"
    take(third)
    half = listed(1, 2, 3)
    assert (job(me, half).state, job(me, half).may_accept_gone) == ("refused", True), job(me, half)
    accept_gone(me, half)
    read_next(settings)
    assert (job(me, half).state, job(me, half).kinds["gone"]) == ("rehearsed", 8)
    take(half)
    assert value("SELECT count(*) FROM invoice WHERE number LIKE 'L%' AND paid_amount < total") == 3


def test_the_route_takes_a_file_from_who_may_and_the_whole_of_it_only(firm, settings, shell):
    same = {"Origin": "http://testserver"}
    me = shell("everything")
    put = lambda client, content=b"Nr\n1\n", **headers: client.put("/import/file?name=a%2Fb.csv", content=content, headers=same | headers)  # noqa: E731
    kept = put(me)
    assert kept.status_code == 201, kept.text
    assert [(each.id, each.name, each.size_bytes) for each in uploads_of(firm.viewer("everything"))] == [
        (kept.json()["upload"], "b.csv", 5)
    ]
    assert (settings.data / "inbox" / str(kept.json()["upload"])).read_bytes() == b"Nr\n1\n"
    pasted = me.put("/import/file", content="Nr\tName\n", headers=same | {"Content-Type": "text/plain"})
    assert pasted.status_code == 201
    answers = {
        "stranger": put(shell()), "no right": put(shell("assigned")), "elsewhere": put(me, Origin="http://evil.example"),
        "empty": put(me, b""), "large": put(me, **{"Content-Length": str(uploads.MAX_UPLOAD_BYTES + 1)}),
        "cut": put(me, **{"Content-Length": "99"}),
    }  # fmt: skip
    told = {why: answer.status_code for why, answer in answers.items()}
    assert told == {"stranger": 403, "no right": 403, "elsewhere": 403, "empty": 400, "large": 413, "cut": 400}
    assert answers["cut"].json() == {"problem": "upload_cut"}
    assert len(list((settings.data / "inbox").iterdir())) == 2
