"""``account_reader``, the one reading of bare tables, returns nothing of other accounts: a WHERE that is forgotten is seen.

Nothing is listed by hand. Which functions of the product read this way is found in its source; what they ask is recorded while they
run over every widget, column, code and scope; the rows of the others are made from the schema, with references across accounts in both
directions. Each statement must answer the same beside these rows as without them. That the check is able to fail is shown by taking
each condition on the account out of each statement in turn: every one of these mutants must answer otherwise.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.access.open_account import OpenAccount
from core.base.rights import Viewer
from core.overview.catalogue import CATALOGUE
from core.overview.listing import RANGED, ListQuery, codes_in_scope, read_list
from core.overview.read import read_overview, read_widget, visible_to
from core.overview.spec import Widget
from core.store import Tx, account_reader, now, reader, writer
from core.store.database import Connection
from core.store.tables import TABLES
from core.store.views import NO_VIEW, OWN_VIEWS
from core.ui.overview.full_list import choices_of

ROOT = Path(__file__).parents[1]
MARK = "FREMD-4711"
OWN_TEXT = "eigen"
# One row of it names the firm; the store knows no second one.
SINGLE_ROW = {"firm"}
CONDITION = re.compile(r"(?:\b\w+\.)?\baccount_id = (?:\$account_id|\w+\.account_id)")
# What the connection is told besides questions.
COMMANDS = ("BEGIN", "COMMIT", "EXECUTE ", "DESCRIBE ")

Statement = tuple[str, tuple[tuple[str, Any], ...]]


def widgets_of(account: OpenAccount) -> tuple[Widget, ...]:
    with reader(account.viewer) as r:
        return visible_to(r.scope.rights)


def read_every_list(account: OpenAccount) -> None:
    for widget in widgets_of(account):
        asked = [ListQuery(find="x"), ListQuery(find="1,5")]
        for column in widget.columns:
            asked += [ListQuery(sort=column.key), *(ListQuery(codes={column.key: code}) for code in choices_of(widget, column))]
            ends = (Decimal(0), None) if column.kind == "money" else (date(2020, 1, 1), None)
            asked += [ListQuery(ranges={column.key: ends})] if column.kind in RANGED else []
        for query in asked:
            read_list(account, widget.key, query, limit=None)


def read_plain_lists(account: OpenAccount) -> None:
    for widget in widgets_of(account):
        for scope in ("", *(scope.code for scope in widget.scopes)):
            read_list(account, widget.key, ListQuery(scope=scope), limit=None)


def read_every_code(account: OpenAccount) -> None:
    for widget in widgets_of(account):
        for scope in ("", *(scope.code for scope in widget.scopes)):
            codes_in_scope(account, widget.key, scope)


def read_every_widget(account: OpenAccount) -> None:
    for widget in widgets_of(account):
        read_widget(account, widget.key)


# How each function that reads this way is made to ask all it can; in ``FILTERED`` something beside the account keeps rows out.
PLAIN: dict[str, Callable[[OpenAccount], object]] = {
    "core/overview/read.py:read_overview": read_overview,
    "core/overview/read.py:read_widget": read_every_widget,
    "core/overview/listing.py:read_list": read_plain_lists,
    "core/overview/listing.py:codes_in_scope": read_every_code,
}
FILTERED: dict[str, Callable[[OpenAccount], object]] = {"core/overview/listing.py:read_list": read_every_list}


def functions_that_read_accounts() -> set[str]:
    """Return file:function of everything in the product that names ``account_reader``, but for where it is made."""
    found = set()
    for file in sorted(ROOT.glob("core/**/*.py")) + sorted(ROOT.glob("pages/*.py")):
        if "account_reader" not in (text := file.read_text("utf-8")) or file == ROOT / "core/store/__init__.py":
            continue
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef):
                names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
                names |= {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
                if "account_reader" in names:
                    found.add(f"{file.relative_to(ROOT)}:{function.name}")
    return found


def test_whatever_reads_accounts_is_asked_here():
    assert functions_that_read_accounts() == set(PLAIN), "add how the new function is made to ask all it can"


@dataclass(frozen=True)
class Kind:
    """One kind of row: whose it is, whose rows of accounts it refers to, whose rows of the firm, and its yes/no values."""

    owner: str
    of_accounts: str
    of_firm: str
    is_true: bool


OWN_KINDS = (Kind("own", "own", "own", True), Kind("own", "other", "own", False))
OTHER_KINDS = (Kind("other", "other", "other", True), Kind("other", "own", "other", False), Kind("other", "own", "own", True))


@dataclass
class Rows:
    """Rows of every table for one account and for another; the others' texts are the mark."""

    accounts: dict[str, int]
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    columns: dict[str, list[tuple[str, str, bool]]] = field(default_factory=dict)
    keys: set[tuple[object, ...]] = field(default_factory=set)

    def learn(self, tx: Tx) -> None:
        """Read the columns, but for codes that have a default (a usual row has it), and number the rows to refer to."""
        for row in tx.rows(
            """SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() WHERE database_name = 'kundenblick'
                AND schema_name = 'data' AND (column_default IS NULL OR data_type = 'BOOLEAN') ORDER BY table_name, column_index"""
        ):
            self.columns.setdefault(row["table_name"], []).append((row["column_name"], row["data_type"], row["is_nullable"]))
        self.ids = {(table, owner): tx.new_id() for table in TABLES for owner in ("own", "other")}
        self.ids |= {("account", owner): account_id for owner, account_id in self.accounts.items()}

    def add(self, tx: Tx, kinds: tuple[Kind, ...]) -> set[str]:
        """Add a row of each kind to every table; return the tables that have one now."""
        filled = set()
        for table in TABLES.keys() - SINGLE_ROW - {"account"}:
            for kind in kinds if self._is_of_account(table) else kinds[:1]:
                row = self._row(tx, table, kind)
                key = (table, *(row[column] for column in TABLES[table].key))
                if key not in self.keys:
                    self.keys.add(key)
                    tx.insert_many(table, tuple(row), [tuple(row.values())])
                filled.add(table)
        return filled

    def _is_of_account(self, table: str) -> bool:
        return any(name == "account_id" for name, *_ in self.columns[table])

    def _row(self, tx: Tx, table: str, kind: Kind) -> dict[str, object]:
        return {
            name: self._value(tx, table, name, data_type, kind)
            for name, data_type, is_nullable in self.columns[table]
            if not (is_nullable and data_type in ("TIMESTAMP", "DATE"))
        }

    def _value(self, tx: Tx, table: str, column: str, data_type: str, kind: Kind) -> object:
        spec = TABLES[table]
        target = "account" if column == "account_id" else spec.references.get(column)
        if target == "account":
            return self.accounts[kind.owner]
        if target is not None:
            return self.ids[target, kind.of_accounts if self._is_of_account(target) else kind.of_firm]
        if spec.key[0] == column and data_type == "BIGINT":
            is_the_one = kind.of_accounts == kind.of_firm == kind.owner
            return self.ids[table, kind.owner] if is_the_one else tx.new_id()
        text = OWN_TEXT if kind.owner == "own" else MARK
        values: dict[str, object] = {"VARCHAR": text, "BOOLEAN": kind.is_true, "TIMESTAMP": now(), "DATE": now().date(), "UTINYINT": 1}
        return values.get(data_type, [] if data_type.endswith("[]") else 3)


@pytest.fixture
def rows(firm) -> Rows:
    """Own rows in every table, some of which refer to rows of the other account; the other's rows are not there yet."""
    made = Rows({"own": firm.own, "other": firm.foreign})
    with writer(Viewer.system("tests")) as tx:
        made.learn(tx)
        made.add(tx, OWN_KINDS)
        # Nobody of theirs may sign, so that somebody of the other account who may is seen.
        tx.execute(f"UPDATE email_access SET signatory = FALSE WHERE account_id = {firm.own}")
    return made


def mark_the_others(rows: Rows) -> None:
    with writer(Viewer.system("tests")) as tx:
        filled = rows.add(tx, OTHER_KINDS)
        tx.execute(f"UPDATE account SET name = '{MARK}', number = '{MARK}' WHERE account_id = {rows.accounts['other']}")
        tx.execute(f"UPDATE email_access SET signatory = TRUE WHERE account_id = {rows.accounts['other']}")
        # One of their invoices was paid beyond its total, which is credit.
        tx.execute(
            f"""UPDATE invoice SET paid_amount = total + 2, status = 'paid'
            WHERE invoice_id = (SELECT min(invoice_id) FROM invoice WHERE account_id = {rows.accounts["other"]})"""
        )
        marked = {table for table in TABLES if any(MARK in str(row) for row in tx.rows(f"SELECT * FROM {table}"))}
    texts = {table for table, columns in rows.columns.items() if any(kind == "VARCHAR" for _, kind, _ in columns)}
    assert filled == TABLES.keys() - SINGLE_ROW - {"account"}
    assert marked >= (texts & TABLES.keys()) - SINGLE_ROW, "a mark in every table that has a text"


@pytest.fixture
def recorded(monkeypatch) -> dict[Statement, None]:
    """Every statement run on a connection of this reading, in order."""
    seen: dict[Statement, None] = {}
    execute, execute_prepared = Connection.execute, Connection.execute_prepared

    def note(connection: Connection, text: str, parameters: object) -> None:
        if connection.names == "account" and not text.startswith(COMMANDS):
            seen[text, tuple((k, tuple(v) if isinstance(v, list) else v) for k, v in dict(parameters or {}).items())] = None

    def noted(connection, statement, parameters=None):
        note(connection, statement, parameters)
        return execute(connection, statement, parameters)

    def noted_prepared(connection, name, text, **integers):
        note(connection, text, integers)
        return execute_prepared(connection, name, text, **integers)

    monkeypatch.setattr(Connection, "execute", noted)
    monkeypatch.setattr(Connection, "execute_prepared", noted_prepared)
    return seen


def statements_of(
    drivers: dict[str, Callable[[OpenAccount], object]], account: OpenAccount, recorded: dict[Statement, None]
) -> list[Statement]:
    """Return what these functions ask for the account."""
    recorded.clear()
    for ask in drivers.values():
        ask(account)
    return list(recorded)


def answer(account: OpenAccount, statement: Statement) -> list[str]:
    """Return the rows of a statement in this reading as texts, whatever their order."""
    text, parameters = statement
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in parameters if f"${name}" in text}
    with account_reader(account.viewer, account.account_id) as r:
        return sorted(repr(row) for row in r.rows(text, **given))


def mutants(statement: Statement) -> Iterator[tuple[str, Statement]]:
    """Yield (what was taken out, with what stands around it; the rest) for each condition of the statement on the account."""
    text, parameters = statement
    for found in CONDITION.finditer(text):
        around = text[max(0, found.start() - 120) : found.end() + 60]
        yield around, (f"{text[: found.start()]}TRUE{text[found.end() :]}", parameters)


def test_no_statement_answers_otherwise_beside_rows_of_other_accounts(firm, rows, recorded):
    asked: dict[str, dict[Statement, list[str]]] = {}
    for who in ("owner", "assigned"):
        account = firm.account("own", who)
        statements = statements_of(PLAIN, account, recorded) + statements_of(FILTERED, account, recorded)
        asked[who] = {statement: answer(account, statement) for statement in statements}
    mark_the_others(rows)
    for who, answers in asked.items():
        assert sum(OWN_TEXT in str(answer) for answer in answers.values()) > 3 * len(CATALOGUE), "own rows come back"
        for statement, before in answers.items():
            after = answer(firm.account("own", who), statement)
            assert MARK not in str(after), statement
            assert after == before, statement


def test_each_forgotten_condition_is_seen(firm, rows, recorded):
    """Each condition in at least one statement that has it: the number of rows alone may not tell, and then nothing leaks by it."""
    account = firm.account("own", "owner")
    statements = [statement for statement in statements_of(PLAIN, account, recorded) if "account" in statement[0]]
    mark_the_others(rows)
    differs: dict[str, bool] = {}
    with_mark = 0
    for statement in statements:
        right = answer(account, statement)
        every = list(mutants(statement))
        assert every, f"no condition on the account: {statement[0]}"
        for around, mutant in every:
            wrong = answer(account, mutant)
            differs[around] = differs.get(around, False) or wrong != right
            with_mark += MARK in str(wrong)
    assert [around for around, is_seen in differs.items() if not is_seen] == []
    assert with_mark > len(differs) > len(CATALOGUE)


@pytest.mark.parametrize("table", sorted(OWN_VIEWS | NO_VIEW))
def test_what_a_right_or_a_person_limits_is_not_read_past_its_view(firm, table):
    """The bare table is in the reader's reach for rows of accounts alone; every other one is met through a view of its rule."""
    with reader(Viewer.system("tests")) as r:
        views = {row["view_name"] for row in r.rows("SELECT view_name FROM duckdb_views() WHERE schema_name = 'let_in'")}
    assert table in views


def test_payments_need_the_right_in_the_reader_of_one_account_too(firm):
    with writer(Viewer.system("tests")) as tx:
        invoice = tx.value("SELECT min(invoice_id) FROM invoice")
        tx.insert(
            "payment", account_id=firm.own, invoice_id=invoice, paid_on=now().date(), amount=1, created_at=now(),
        )  # fmt: skip
    for who, seen in (("owner", 1), ("assigned", 0)):
        with account_reader(firm.viewer(who), firm.own) as r:
            assert r.value("SELECT count(*) FROM payment") == seen, who
            assert r.value("SELECT count(*) FROM one_time_link") == 0
