"""People's own queries: they read what their author may see and nothing else, and end by themselves or are ended."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import threading
import time
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.activity import cohorts, own_queries
from core.activity.ledger import moments, over_ledger
from core.activity.measures import MEASURES
from core.activity.own_queries import MAX_BYTES, MAX_ROWS, QueryRefused, is_still_theirs, parameters_in, run_query, typed, written_out
from core.activity.picks import pick
from core.activity.reading import list_query
from core.activity.scope_copies import copies
from core.base.child_fences import landlock_version
from core.base.errors import AppError, NotAllowed
from core.base.rights import Right, Viewer
from core.clients.custom_fields import define_field
from core.identity.members import assign, set_rights
from core.overview.catalogue import WIDGETS
from core.overview.listing import ListQuery, read_list
from core.store import now, reader, scope_files, writer
from core.store.migrations import newest_columns
from core.store.query_worker import FILE
from core.store.scope_columns import SCOPE_COLUMNS, WITHHELD_COLUMNS, WITHHELD_TABLES
from core.store.views import view_statements
from core.ui.overview.full_list import NOT_IN_QUERIES
from tests.test_activity import WANTED, build_activity

SYSTEM = Viewer.system("tests")
# Besides the right to analyse: a member who sees one client, and neither invoices nor others' time.
FEW = {Right.ANALYSE.value}


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """What ends well may take its time on a machine with much to do."""
    monkeypatch.setattr(own_queries, "RUN_S", 60.0)


def few(firm) -> Viewer:
    set_rights(SYSTEM, firm.assigned, FEW)
    return firm.viewer("assigned")


def ask(viewer: Viewer, *queries: str | tuple[str, dict]) -> list[dict]:
    """Run queries, with parameters or without, one after the other in one child, on the viewer's copy; return what it says."""
    most = {"max_rows": MAX_ROWS, "max_columns": 100, "max_bytes": MAX_BYTES}
    lines = ""
    for query in queries:
        text, given = (query, {}) if isinstance(query, str) else query
        lines += json.dumps({"text": text, "parameters": {name: own_queries._given(value) for name, value in given.items()}} | most) + "\n"
    command = [own_queries.sys.executable, "-I", "-S", "-B", str(own_queries._WORKER), own_queries.sysconfig.get_paths()["platlib"]]
    with copies().lend(viewer) as (copy, _):
        out = subprocess.run(command, cwd=copy.folder, env={}, input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def test_every_column_is_allowed_or_left_out():
    """A new column is in neither list: say in ``scope_columns.py`` whether people's own queries may read it."""
    there = {(table, column) for table, column, *_ in newest_columns() if table not in WITHHELD_TABLES and column != "version"}
    allowed = {(table, column) for table, columns in SCOPE_COLUMNS.items() for column in columns}
    left_out = {(table, column) for table, columns in WITHHELD_COLUMNS.items() for column in columns}
    assert not allowed & left_out
    assert allowed | left_out == there


# The variables by which views hide something, each with its right.
HIDING = {
    "sees_all": Right.VIEW_ALL_ACCOUNTS, "sees_invoices": Right.SEE_INVOICES, "sees_all_time": Right.SEE_ALL_TIME,
    "sees_rates": Right.SEE_RATES, "sees_audit": Right.VIEW_AUDIT,
}  # fmt: skip


def test_a_right_that_hides_something_counts_wherever_what_it_hides_could_be_told():
    """A new such right must decide about copies for queries and about cohorts as well."""
    assert set(re.findall(r"getvariable\('(sees_\w+)'\)", view_statements())) == set(HIDING)
    # The record of changes is in no copy, and a cohort of nobody in particular tells of no client.
    assert {*scope_files.DECIDING} == {*HIDING.values()} - {Right.VIEW_AUDIT}
    assert {*HIDING.values()} - {Right.VIEW_ALL_ACCOUNTS} == cohorts.NEEDABLE


def test_what_a_right_hides_is_needed_for_a_cohort_of_it():
    """A table that a right hides, in whole or in part, must not be told of by a cohort that is shared with who lacks it."""
    rights = {word: right for word, right in HIDING.items() if word not in ("sees_all", "sees_audit")}
    hidden = {}
    for table, view in re.findall(r"CREATE VIEW (\w+) AS\s+(.*?);\n", re.sub(r"--[^\n]*", "", view_statements()), re.DOTALL):
        if table in SCOPE_COLUMNS and (found := frozenset(right for word, right in rights.items() if f"'{word}'" in view)):
            hidden[table] = found
    assert hidden == own_queries.NEEDS


def test_who_sees_little_finds_little(firm):
    viewer = few(firm)
    field = define_field(firm.viewer("owner"), scope="account", label="Konto", type="iban")
    plain = define_field(firm.viewer("owner"), scope="account", label="Amt", type="text")
    with writer(SYSTEM) as tx:
        for account, what in ((firm.own, "Eigenes"), (firm.foreign, "Fremdes")):
            tx.insert("account_field_value", account_id=account, custom_field_id=field, value=f"DE{what}")
            tx.insert("account_field_value", account_id=account, custom_field_id=plain, value=f"Amt{what}")
        tx.update("staff_member", firm.owner, password_hash="Gehasht")
        for account in (firm.own, firm.foreign):
            tx.insert("note", account_id=account, text="Olga Owner schrieb", staff_member_id=firm.owner, saved_at=now())
    with copies().lend(viewer) as (copy, _):
        file = copy.folder / FILE
        assert (file.stat().st_mode & 0o777, copy.folder.stat().st_mode & 0o777) == (0o600, 0o700)
        raw = file.read_bytes()
    assert all(word.encode() in raw for word in ("Müller/Weber", "eigenes.txt", "AmtEigenes")), "what they see is there"
    hidden = ("Schmidt", "fremdes.txt", "R-0", "AmtFremdes", "DEEigenes", "nachmittags", "Gehasht", "Olga Owner schrieb")
    assert not [word for word in hidden if word.encode() in raw], "not a byte of the rest"
    [found] = ask(viewer, "SELECT (SELECT count(*) FROM invoice), (SELECT count(*) FROM credit), (SELECT count(*) FROM time_entry), "
                  "(SELECT max(net_due) FROM account_figure), (SELECT count(*) FROM account)")  # fmt: skip
    assert found["rows"] == [[0, 0, 0, None, 1]]


def test_a_measure_finds_the_same_in_the_child(holding):
    """The lists of *Auswertung*, as *In Abfragen öffnen* takes them along, and the ledger; for who sees all, and for who sees little."""
    firm = holding(build_activity)
    for who in ("owner", "assigned"):
        viewer, asked, plainly = firm.viewer(who), [], []
        with reader(viewer) as r:
            for key in MEASURES:
                query = list_query(r, pick(key), WANTED)
                asked.append((query.text, query.parameters))
            asked.append((over_ledger("ledger_counts"), moments()))
            for text, given in asked:
                # What is opened in the page goes through its fields as text.
                plainly.append(sorted(str(tuple(row.values())) for row in r.rows(text, **given)))
        typed_in = [(text, {name: typed(written_out(value)) for name, value in given.items()}) for text, given in asked]
        for told, expected in zip(ask(viewer, *typed_in), plainly, strict=True):
            assert "rows" in told, told
            rows = [
                tuple(own_queries._value(value, kind) for value, (_, kind) in zip(row, told["columns"], strict=True))
                for row in told["rows"]
            ]
            assert sorted(map(str, rows)) == expected
        assert any(plainly)


def test_the_list_behind_a_card_finds_the_same_in_the_child(firm):
    account = firm.account()
    listed = {key: read_list(account, key, ListQuery(find="e"), limit=None) for key in WIDGETS}
    told = ask(account.viewer, *((one.text, dict(one.parameters)) for one in listed.values()))
    assert {key for key, answer in zip(listed, told, strict=True) if "refused" in answer} == NOT_IN_QUERIES
    for (key, one), answer in zip(listed.items(), told, strict=True):
        if key not in NOT_IN_QUERIES:
            found = [
                tuple(own_queries._value(value, kind) for value, (_, kind) in zip(row, answer["columns"], strict=True))
                for row in answer["rows"]
            ]
            assert sorted(map(str, found)) == sorted(str(tuple(row.values())) for row in one.rows), key
    assert listed["documents"].rows and listed["unpaid_invoices"].rows


REFUSED = {
    "": "empty",
    "SELECT 1; SELECT 2": "several",
    **dict.fromkeys(
        (
            "DROP TABLE account", "INSERT INTO account SELECT * FROM account", "UPDATE account SET name = 'x'", "DELETE FROM account",
            "CREATE TABLE x AS SELECT 1", "CREATE MACRO x() AS 1", "COPY account TO '/tmp/x.csv'", "COPY account FROM '/etc/passwd'",
            "EXPORT DATABASE '/tmp/x'", "IMPORT DATABASE '/tmp/x'", "ATTACH '/tmp/x.duckdb'", "DETACH scope", "INSTALL httpfs", "LOAD httpfs",
            "SET enable_external_access = true", "RESET lock_configuration", "SET VARIABLE x = 1", "PRAGMA database_list",
            "PRAGMA enable_profiling", "CALL pragma_version()", "CHECKPOINT", "BEGIN", "VACUUM", "EXPLAIN ANALYZE SELECT 1", "USE system",
            "PREPARE x AS SELECT 1", "DESCRIBE account", "SHOW ALL TABLES", "SUMMARIZE account", "SELECT * FROM (SHOW TABLES)",
            "PIVOT account ON kind USING count(*)", "CREATE SECRET (TYPE s3)", "WITH x AS (COPY account TO 'x.csv') FROM x",
            "WITH x AS (DELETE FROM account RETURNING *) FROM x", "SELECT * FROM (WITH x AS (COPY account TO 'x.csv') FROM x)",
            "WITH x AS (INSERT INTO tag SELECT 1, 'x', 'x' RETURNING *) FROM x",
        ),
        "no_select",
    ),
    **dict.fromkeys(
        (
            "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_blob('/proc/self/environ')", "SELECT * FROM glob('/*')",
            "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_json('/etc/passwd')", "SELECT * FROM parquet_scan('/x')",
            "SELECT * FROM read_duckdb('../kundenblick.duckdb')", "SELECT * FROM sniff_csv('/etc/passwd')",
            "SELECT * FROM query('SELECT * FROM invoice')", "SELECT * FROM query_table('invoice')", "SELECT * FROM duckdb_settings()",
            "SELECT * FROM duckdb_databases()", "FROM duckdb_databases", "FROM pg_settings", "FROM pg_catalog.pg_settings",
            "FROM information_schema.tables", "FROM system.main.sqlite_master", "SELECT * FROM pragma_storage_info('invoice')",
            "SELECT * FROM duckdb_secrets()", "SELECT * FROM python_map_function()", "SELECT * FROM histogram(account, name)",
            "SELECT (SELECT content FROM read_text('/etc/hostname'))", "SELECT * FROM account WHERE name IN (SELECT file FROM glob('/*'))",
            "WITH x AS (FROM read_text('/etc/passwd')) SELECT * FROM x", "SELECT * FROM account, LATERAL (SELECT * FROM glob(name))",
            "SELECT * FROM test_all_types()", "SELECT * FROM arrow_scan(1, 2, 3)", "SELECT * FROM pandas_scan(1)",
        ),
        "function",
    ),
    **dict.fromkeys(
        ("SELECT * FROM '/etc/passwd.csv'", "FROM 'https://example.org/x.parquet'", "FROM '/dev/stdin.csv'", "FROM '../kundenblick.duckdb'", "FROM 'scope.duckdb'", "FROM '/etc/passwd'"),
        "forbidden",
    ),
    **dict.fromkeys(
        (
            "FROM os", "FROM sys", "FROM statement", "SELECT getenv('HOME')", "SELECT nope FROM account", "SELECT 1/", "FROM kundenblick.data.invoice",
            "FROM session", "FROM audit_entry", "SELECT file, sha256 FROM document", "SELECT text FROM note", "SELECT password_hash FROM staff_member",
            "SELECT read_text('/etc/passwd')",
        ),
        ("database", "syntax", "forbidden"),
    ),
    "SELECT $gone": "parameter",
    f"SELECT * FROM {'(SELECT * FROM ' * 600}account{')' * 600}": "deep",
    "SELECT repeat('x', 2000000000)": "memory",
    "SELECT len(range(2000000000))": "memory",
    "SELECT repeat('x', 9000000)": "bytes",
    f"SELECT {', '.join(['1'] * 101)}": "columns",
}  # fmt: skip


def test_what_is_refused_is_refused_and_says_what(firm):
    told = ask(few(firm), *REFUSED)
    wrong = {
        text: answer
        for (text, code), answer in zip(REFUSED.items(), told, strict=True)
        if answer.get("refused") not in ((code,) if isinstance(code, str) else code)
    }
    assert wrong == {}
    # Every reason there is, but that of a child that broke.
    assert {answer["refused"] for answer in told} == set(own_queries.REASONS) - {"broke"}


@pytest.mark.skipif(not landlock_version(), reason="this kernel has no Landlock")
def test_not_even_python_in_the_child_reads_another_file(firm, tmp_path):
    """Nothing of DuckDB's fence is asked for: this is what stands behind a hole in it."""
    other = tmp_path / "other.txt"
    other.write_text("x")
    probe = tmp_path / "probe.py"
    worker = own_queries._WORKER.read_text("utf-8").replace("__file__", repr(str(own_queries._WORKER)))
    probe.write_text(worker.replace("    for job in sys.stdin.buffer:\n", f"""
    import socket
    told = []
    for path in ({str(other)!r}, '/etc/passwd', '/proc/self/environ', '../../kundenblick.duckdb', '..', '/proc/1/cmdline', FILE):
        try:
            os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(1)
            told.append(path)
        except OSError:
            pass
    for act in (lambda: open('x', 'w'), lambda: socket.create_connection(('127.0.0.1', 9), 1), lambda: os.unlink(FILE), lambda: os.kill(os.getppid(), 0)):
        try:
            act()
            told.append('act')
        except PermissionError:
            pass
    print(json.dumps(told))
    for job in sys.stdin.buffer:
"""))  # fmt: skip
    command = [own_queries.sys.executable, "-I", "-S", "-B", str(probe), own_queries.sysconfig.get_paths()["platlib"]]
    with copies().lend(firm.viewer("owner")) as (copy, _):
        out = subprocess.run(command, cwd=copy.folder, env={}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout
    assert json.loads(out) == [FILE]


def test_answers_of_any_shape(firm):
    viewer = firm.viewer("owner")
    many, long, odd, zero, tied = ask(
        viewer,
        "SELECT range AS n FROM range(10001)",
        "SELECT repeat('ä', 500000) AS long FROM range(30)",
        """SELECT 1 AS "<script>", 'a' || chr(0) || 'b' AS "<script>", TIMESTAMPTZ '2026-01-01 10:00+00' AS m, INTERVAL 3 MONTH AS i, {'a': [1]} AS s, NULL AS n""",
        "SELECT * FROM account WHERE FALSE",
        "SELECT 170141183460469231731687303715884105727 AS h, 0.1::DECIMAL(4,2) AS d, 'nan'::DOUBLE AS f, DATE '2026-02-28' AS t -- end",
    )
    assert (len(many["rows"]), many["cut"]) == (10_000, "rows")
    assert (0 < len(long["rows"]) < 30, long["cut"]) == (True, "bytes")
    assert [name for name, _ in odd["columns"]] == ["<script>", "<script>", "m", "i", "s", "n"]
    assert odd["rows"] == [[1, "a\0b", "2026-01-01 10:00:00+00", "3 months", "{'a': [1]}", None]]
    assert zero["rows"] == [] and zero["columns"][0] == ["account_id", "integer"]
    assert tied["rows"][0][:2] == [170141183460469231731687303715884105727, "0.10"]
    answer = run_query(viewer, "SELECT $day AS day, $n + 1 AS n, number FROM account WHERE name = $who AND account_id IN (SELECT unnest($ids))",
                       {"day": typed("30.11.2026"), "n": typed("1.5"), "who": "Leer AG", "ids": typed(f"[{firm.empty}]")})  # fmt: skip
    assert answer.rows == [(date(2026, 11, 30), Decimal("2.5"), "10003")]


def test_parameters_are_found_and_come_back_as_they_were():
    assert parameters_in("SELECT $a, '$b', \"$c\" -- $d\n/* $e */ , $f::DATE, $a") == ["a", "f"]
    for value in (
        1,
        Decimal("1.5"),
        date(2026, 11, 30),
        datetime.fromisoformat("2026-11-30T10:42"),
        True,
        [1, 2],
        "Text",
        "12",
        "2026-11-30",
        "",
        ["12", "a'b", date(2026, 11, 30)],
    ):
        assert typed(written_out(value)) == value


def test_what_hangs_is_ended_while_everybody_else_is_served(firm, monkeypatch):
    """levenshtein of long texts ends neither by a limit of DuckDB's nor by being interrupted."""
    monkeypatch.setattr(own_queries, "RUN_S", 5.0)
    viewer, ended = firm.viewer("owner"), []
    with copies().lend(viewer):
        pass

    def hang() -> None:
        began = time.monotonic()
        with pytest.raises(QueryRefused) as refused:
            run_query(viewer, "SELECT levenshtein(repeat('ab', 300000), repeat('ba', 300000))")
        ended.append((refused.value.code, time.monotonic() - began))

    hanging = threading.Thread(target=hang)
    hanging.start()
    waited = []
    while hanging.is_alive():
        began = time.monotonic()
        with reader(firm.viewer("assigned")) as r:
            assert r.value("SELECT count(*) FROM account") == 1
        waited.append(time.monotonic() - began)
        time.sleep(0.05)
    [(code, took)] = ended
    assert code == "query_time" and took < 6
    assert statistics.median(waited) < 0.2
    with own_queries._turn(viewer):
        with pytest.raises(QueryRefused, match="query_running"):
            run_query(viewer, "SELECT 1")
        monkeypatch.setattr(own_queries, "WAIT_S", 0.01)
        with own_queries._turn(firm.viewer("everything")), pytest.raises(QueryRefused, match="query_busy"):
            run_query(few(firm), "SELECT 1")


def test_a_right_taken_away_meanwhile_throws_the_answer_away(firm, monkeypatch):
    viewer = few(firm)
    real = own_queries._in_child

    def meanwhile(act):
        def child(folder: Path, job: bytes) -> bytes:
            out = real(folder, job)
            act()
            return out

        monkeypatch.setattr(own_queries, "_in_child", child)

    meanwhile(lambda: None)
    answer = run_query(viewer, "FROM account")
    assert is_still_theirs(viewer, answer)
    meanwhile(lambda: assign(SYSTEM, firm.assigned, firm.foreign))
    with pytest.raises(AppError, match="query_sight_changed"):
        run_query(viewer, "FROM account")
    assert not is_still_theirs(viewer, answer)
    meanwhile(lambda: set_rights(SYSTEM, firm.assigned, set()))
    with pytest.raises(NotAllowed):
        run_query(viewer, "FROM account")
    with pytest.raises(NotAllowed):
        run_query(firm.viewer("unassigned"), "SELECT 1")
