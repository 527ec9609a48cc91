"""Nothing of a client is unreachable: the widest scope of a full list shows every row of its table that the viewer may see."""

from __future__ import annotations

import pytest

from core.access.open_account import OpenAccount, open_account
from core.base.rights import Viewer
from core.i18n import LANGUAGES, words_of
from core.i18n.formats import today
from core.operations.installation import open_installation
from core.overview.catalogue import CATALOGUE
from core.overview.listing import ListQuery, read_list
from core.overview.read import read_overview, visible_to
from core.overview.spec import Widget
from core.store import close_store, reader
from core.store.tables import TABLES
from core.ui.overview import detail_dialogs
from core.ui.overview.tiles import TILES
from core.ui.parts.columns import opener

SYSTEM = Viewer.system("tests")
# Tables of an account whose rows are shown by what a row of a widget opens.
INSIDE = {
    "task_assignee": "tasks", "chat_message": "chats", "invoice_line": "unpaid_invoices", "payment": "unpaid_invoices",
    "credit": "unpaid_invoices", "signatory": "signatures",
}  # fmt: skip
# Tables of an account that are shown elsewhere than on the Overview, or that hold what is computed from others.
ELSEWHERE = {
    "account": "Info", "account_contact": "Info", "email_access": "Info", "account_field_value": "Info", "account_tag": "Info",
    "assignment": "Info", "audit_entry": "Info", "recent_account": "sidebar", "document_opening": "the document's dialog", "account_figure": "computed", "account_habit": "computed", "search_word": "computed",
    "search_text": "computed", "overview_card": "computed", "notification": "outbox", "photo": "Info", "import_word": "imports",
    "cohort_account": "Kunden, Auswertung", "turn_set_aside": "Wer ist am Zug",
}  # fmt: skip


def widest(widget: Widget) -> str:
    """Return the code of the widget's widest scope."""
    return next(scope.code for scope in (*widget.all_scopes, widget.scope("")) if not scope.where)


def test_every_table_of_an_account_is_shown_somewhere(firm):
    with reader(SYSTEM) as r:
        rows = r.rows(
            "SELECT table_name FROM duckdb_columns() WHERE database_name = 'kundenblick' AND schema_name = 'data' AND column_name = 'account_id'"
        )
    of_account = {row["table_name"] for row in rows} & TABLES.keys()
    assert of_account - {widget.table for widget in CATALOGUE} == INSIDE.keys() | ELSEWHERE.keys()


@pytest.fixture(scope="module")
def sample_accounts(sample_folder, tmp_path_factory):
    """The people of the sample firm, each with the accounts they may see, fifteen at most."""
    import shutil

    from core.base.config import read_settings

    close_store()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(shutil.copytree(sample_folder, tmp_path_factory.mktemp("reached") / "data"))}))
    with reader(SYSTEM) as r:
        members = [row["staff_member_id"] for row in r.rows("SELECT staff_member_id FROM staff_member WHERE is_active ORDER BY role, 1")]
    found: dict[int, list[OpenAccount]] = {}
    for member in members:
        viewer = Viewer.staff(member)
        with reader(viewer) as r:
            ids = r.rows(
                "SELECT account_id FROM account ORDER BY (SELECT count(*) FROM task t WHERE t.account_id = account.account_id) DESC, 1"
            )
        found[member] = [open_account(viewer, row["account_id"]) for row in ids[:15]]
    yield found
    close_store()


@pytest.mark.parametrize("widget", CATALOGUE, ids=lambda widget: widget.key)
def test_the_widest_scope_shows_every_row_one_may_see(sample_accounts, widget):
    counted = hidden = 0
    for accounts in sample_accounts.values():
        for account in accounts:
            with reader(account.viewer) as r:
                if widget not in visible_to(r.scope.rights):
                    continue
                there = r.value(f"SELECT count(*) FROM {widget.table} WHERE account_id = $id", id=account.account_id)
            listing = read_list(account, widget.key, ListQuery(scope=widest(widget)), limit=0)
            assert (listing.total, max(listing.in_scope.values())) == (there, there)
            counted, hidden = counted + there, hidden + there - listing.in_scope.get("", there)
    assert counted
    assert bool(widget.where) == bool(hidden), "the card leaves rows out that only the list shows"


@pytest.mark.parametrize("widget", [widget for widget in CATALOGUE if widget.scopes], ids=lambda widget: widget.key)
def test_each_scope_shows_as_many_rows_as_stand_beside_it(sample_accounts, widget):
    account = next(iter(sample_accounts.values()))[0]
    everything = {row[widget.id_column] for row in read_list(account, widget.key, ListQuery(scope=widest(widget)), limit=None).rows}
    found = {scope.code: read_list(account, widget.key, ListQuery(scope=scope.code), limit=None) for scope in widget.all_scopes}
    for code, listing in found.items():
        assert listing.total == len(listing.rows) == found[""].in_scope[code]
        assert {row[widget.id_column] for row in listing.rows} <= everything
    within_others = (widest(widget), "shared", "overdue", "us")
    parts = [code for code in found if code not in within_others and not (code == "" and "open" in found)]
    if widget.key not in ("documents", "emails"):
        assert sum(found[code].total for code in parts) == len(everything), "open, done and the others are all there is"


def test_the_number_on_top_is_that_of_the_list_it_opens(sample_accounts):
    counted: dict[str, int] = {}
    for accounts in sample_accounts.values():
        for account in accounts:
            results = read_overview(account)
            for key, widget, name, _, scope in TILES:
                if widget in results and key not in ("net_due", "last_login"):
                    number = results[widget].tile[name]
                    assert read_list(account, widget, ListQuery(scope=scope), limit=0).total == number, key
                    counted[key] = counted.get(key, 0) + number
    assert min(counted.values()) > 0 and len(counted) == 5


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("widget", CATALOGUE, ids=lambda widget: widget.key)
def test_every_scope_and_every_mark_has_its_word(widget, code):
    words = words_of(code)
    asked = {f"widgets.{widget.key}.scope.{scope.code or 'own'}" for scope in widget.all_scopes}
    if widget.mark and not widget.above:
        asked.add(f"widgets.{widget.key}.mark_first")
    assert all(words.get(key) for key in asked), asked - words.keys()


@pytest.mark.parametrize("widget", [widget for widget in CATALOGUE if widget.mark], ids=lambda widget: widget.key)
def test_what_is_marked_comes_first_where_that_is_asked_for(sample_accounts, widget):
    account = next(iter(sample_accounts.values()))[0]
    rows = read_list(account, widget.key, ListQuery(sort=widget.mark, descending=True, scope=widest(widget)), limit=None).rows
    marks = [row[widget.mark] for row in rows]
    assert marks == sorted(marks, reverse=True)
    own = read_list(account, widget.key, ListQuery(scope=widest(widget)), limit=None).rows
    assert [row[widget.id_column] for row in rows if row[widget.mark]] == [row[widget.id_column] for row in own if row[widget.mark]]


def test_a_completed_task_is_not_overdue(sample_accounts):
    account = next(iter(sample_accounts.values()))[0]
    rows = read_list(account, "tasks", ListQuery(scope="done"), limit=None).rows
    assert any(row["due_on"] and row["due_on"] < today() for row in rows)
    assert not any(row["is_overdue"] for row in rows)


@pytest.mark.parametrize("widget", CATALOGUE, ids=lambda widget: widget.key)
def test_every_row_opens_by_the_words_that_name_it(widget):
    assert widget.opens in detail_dialogs._OPENERS
    assert opener(widget, widget.columns) is not None
