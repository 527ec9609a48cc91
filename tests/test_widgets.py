"""The thirteen widgets over a real store."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.access.open_account import OpenAccount, open_account
from core.base.config import read_settings
from core.base.errors import AccountNotFound, BadDeclaration, NotFound
from core.base.rights import Right, Viewer
from core.documents.documents import mark_all_seen, mark_seen
from core.i18n import LANGUAGES, formats, speaking
from core.i18n.formats import today
from core.operations.installation import open_installation
from core.overview import card_cache, read
from core.overview.catalogue import CATALOGUE, WIDGETS
from core.overview.listing import MAX_SEARCH_WORDS, ListQuery, codes_in_scope, read_list
from core.overview.read import read_overview, read_widget
from core.overview.spec import Column, Widget
from core.overview.sql_composition import ROWS_ON_CARD
from core.store import Row, account_reader, close_store, now, reader, writer
from core.store.queries import Query
from core.ui.overview.full_list import choices_of
from core.ui.parts.columns import cell_text

SYSTEM = Viewer.system("tests")


def add(table: str, **values: object) -> int:
    with writer(SYSTEM) as tx:
        return tx.insert(table, **values)


@pytest.mark.parametrize("widget", CATALOGUE, ids=lambda w: w.key)
def test_every_widget_of_an_empty_account_is_empty(firm, widget):
    result = read_overview(firm.account("empty"))[widget.key]
    assert (result.total, result.rows, result.failed) == (0, (), False)


@pytest.mark.parametrize("widget", CATALOGUE, ids=lambda w: w.key)
def test_tile_card_and_list_agree(sample_account, widget):
    card = read_overview(sample_account)[widget.key]
    listed = read_list(sample_account, widget.key, ListQuery(), limit=None)
    assert card.total == listed.total == len(listed.rows)
    above = sum(1 for row in card.rows if widget.above and row[widget.above])
    ids = [row[widget.id_column] for row in card.rows][: ROWS_ON_CARD + above]
    assert ids == [row[widget.id_column] for row in listed.rows][: len(ids)]
    assert card == read_widget(sample_account, widget.key)


@pytest.mark.parametrize("widget", CATALOGUE, ids=lambda w: w.key)
def test_every_column_sorts_both_ways_and_pages_do_not_overlap(sample_account, widget):
    for column in widget.columns:
        everything = [r[widget.id_column] for r in read_list(sample_account, widget.key, ListQuery(sort=column.key), limit=None).rows]
        first = [r[widget.id_column] for r in read_list(sample_account, widget.key, ListQuery(sort=column.key), 0, 7).rows]
        second = [r[widget.id_column] for r in read_list(sample_account, widget.key, ListQuery(sort=column.key), 7, 7).rows]
        assert first + second == everything[:14]
        falling = read_list(sample_account, widget.key, ListQuery(sort=column.key, descending=True), limit=None)
        assert sorted(everything) == sorted(row[widget.id_column] for row in falling.rows)


@pytest.mark.parametrize("widget", CATALOGUE, ids=lambda w: w.key)
def test_the_filters_of_a_column_share_its_rows_out(sample_account, widget):
    everything = read_list(sample_account, widget.key, ListQuery(), limit=None).rows
    for column in widget.columns:
        words = list(choices_of(widget, column))
        found = {code: read_list(sample_account, widget.key, ListQuery(codes={column.key: code}), limit=None).total for code in words}
        if words:
            assert sum(total for code, total in found.items() if code != "overdue") == len(everything), (column.key, found)
        if column.kind == "choice":
            stored = {code: sum(row[column.key] == code for row in everything) for code in words if code != "overdue"}
            assert stored == {code: found[code] for code in stored}


def test_invoices_by_what_credit_covers_and_by_status(firm):
    def numbers(**codes: str) -> list[str]:
        return [row["number"] for row in read_list(firm.account(), "unpaid_invoices", ListQuery(codes=codes)).rows]

    assert numbers(payable="full") == ["R-0"]
    assert numbers(payable="part") == ["R-1"]
    assert numbers(payable="no") == ["R-2", "R-3"]
    assert numbers(status="overdue") == ["R-0"]
    assert numbers(status="partially_paid", payable="part") == ["R-1"]
    assert numbers(status="scheduled") == ["R-2"]
    assert numbers(status="' OR 1=1 --") == []


def test_amounts_and_days_are_conditions_with_either_end_open(firm):
    def numbers(**ranges: tuple) -> list[str]:
        return [row["number"] for row in read_list(firm.account(), "unpaid_invoices", ListQuery(ranges=ranges)).rows]

    assert numbers(open_amount=(Decimal("30"), Decimal("70"))) == ["R-1", "R-2", "R-3"]
    assert numbers(open_amount=(Decimal("70"), None)) == ["R-0", "R-2"]
    assert numbers(due_on=(None, today())) == ["R-0", "R-1"]
    assert numbers(due_on=(today(), None), open_amount=(None, Decimal("50"))) == ["R-1", "R-3"]
    assert numbers(nonsense=(Decimal("1"), None)) == ["R-0", "R-1", "R-2", "R-3"]


def test_a_moment_counts_as_its_day_where_the_firm_is(firm):
    with writer(Viewer.system("tests")) as tx:
        tx.update(
            "document", firm.document, uploaded_at=datetime(2026, 6, 30, 22, 30, tzinfo=UTC).replace(tzinfo=None)
        )  # half past midnight of 1 July in Berlin
    for first, last, found in ((date(2026, 7, 1), None, 1), (None, date(2026, 6, 30), 0), (date(2026, 7, 1), date(2026, 7, 1), 1)):
        assert read_list(firm.account(), "documents", ListQuery(ranges={"uploaded_at": (first, last)})).total == found


def test_a_filter_offers_the_codes_of_its_scope(firm):
    account = firm.account()
    assert codes_in_scope(account, "unpaid_invoices", "")["status"] == {"unpaid", "partially_paid", "scheduled", "overdue"}
    assert codes_in_scope(account, "unpaid_invoices", "done")["status"] == frozenset()
    with pytest.raises(NotFound):
        codes_in_scope(firm.account("own", "assigned"), "unpaid_invoices", "")


def test_an_empty_card_leads_to_its_list_only_where_that_shows_something(firm):
    keys = ("documents", "tasks", "jobs", "unpaid_invoices", "organizers")
    assert [read_overview(firm.account("empty"))[key].has_others for key in keys] == [False] * 5
    with writer(Viewer.system("tests")) as tx:
        tx.insert("task", account_id=firm.empty, title="Erledigt", status="completed", created_at=now())
    assert [read_overview(firm.account("empty"))[key].has_others for key in keys] == [False, True, False, False, False]


def test_credit_is_laid_on_the_oldest_due_first_and_never_twice(firm):
    result = read_overview(firm.account())["unpaid_invoices"]
    laid = [(row["number"], row["open_amount"], row["payable"]) for row in result.rows]
    assert laid == [
        ("R-0", Decimal(100), Decimal(100)),
        ("R-1", Decimal(30), Decimal(20)),
        ("R-2", Decimal(70), Decimal(0)),
        ("R-3", Decimal(40), Decimal(0)),
    ]
    assert (result.tile["open_amount"], result.tile["net_due"], result.tile["credit_left"]) == (240, 120, 0)


def test_net_due_is_never_below_zero_and_the_rest_is_left(firm):
    add("credit", account_id=firm.own, booked_on=now().date(), amount=Decimal(1000), created_at=now())
    tile = read_overview(firm.account())["unpaid_invoices"].tile
    assert (tile["net_due"], tile["credit_left"]) == (Decimal(70), Decimal(950))


def test_credit_without_an_open_invoice_is_still_there(firm):
    add("credit", account_id=firm.empty, booked_on=now().date(), amount=Decimal(25), created_at=now())
    assert read_overview(firm.account("empty"))["unpaid_invoices"].tile["credit_left"] == 25


def test_the_client_list_says_the_same_as_the_widget(firm):
    with reader(firm.viewer("owner")) as r:
        figures = r.row("SELECT open_amount, net_due FROM account_figure WHERE account_id = $id", id=firm.own)
    tile = read_overview(firm.account())["unpaid_invoices"].tile
    assert figures == {"open_amount": tile["open_amount"], "net_due": tile["net_due"]}


def test_a_file_that_takes_in_an_undeclared_rule_is_named():
    with pytest.raises(BadDeclaration, match=r"unpaid_invoices\.sql: no rule 'is_overdue'"):
        _ = Widget("unpaid_invoices", (), (), id_column="invoice_id").query


def test_new_is_cleared_for_the_whole_firm(firm):
    assert read_overview(firm.account("own", "owner"))["documents"].tile["unseen"] == 1
    mark_seen(firm.account("own", "assigned"), firm.document)
    assert read_overview(firm.account("own", "owner"))["documents"].tile["unseen"] == 0


def test_only_these_documents_of_the_account_count_as_read(firm):
    two = add("document", account_id=firm.own, name="zwei.txt", uploaded_at=now(), is_from_client=True)
    foreign = add("document", account_id=firm.foreign, name="fremd.txt", uploaded_at=now(), is_from_client=True)
    found = [two, foreign, 987654]
    assert (mark_all_seen(firm.account(), found), mark_all_seen(firm.account(), found)) == (1, 0)
    assert {row["name"]: row["is_new"] for row in read_list(firm.account(), "documents", ListQuery()).rows}["zwei.txt"] is False
    assert read_list(firm.account(), "documents", ListQuery(codes={"is_new": "yes"}), limit=0).total == 1
    with reader(SYSTEM) as r:
        assert r.value("SELECT seen_at FROM document WHERE document_id = $foreign", foreign=foreign) is None


def test_staff_uploads_are_never_new_and_only_in_the_full_list(firm):
    add("document", account_id=firm.own, name="bwa.pdf", uploaded_at=now(), is_from_client=False, is_shared=True)
    account = firm.account()
    assert read_overview(account)["documents"].total == 1
    everything = read_list(account, "documents", ListQuery(scope="shared"))
    assert (everything.total, sum(row["is_new"] for row in everything.rows)) == (2, 1)


def test_pinned_notes_stand_above_and_do_not_count_among_the_five(firm):
    for number in range(8):
        add("note", account_id=firm.own, text=f"{number}", staff_member_id=firm.owner, saved_at=now() + timedelta(seconds=number))
    pinned = add("note", account_id=firm.own, text="oben", staff_member_id=firm.owner, saved_at=now() - timedelta(days=9), is_pinned=True)
    rows = read_overview(firm.account())["notes"].rows
    assert rows[0]["note_id"] == pinned
    assert len(rows) == 1 + ROWS_ON_CARD + 1


@pytest.mark.parametrize(("key", "name"), [("signatures", "document_name"), ("contracts", "name")])
def test_a_signatory_who_lost_the_right_unsigned_no_longer_counts(firm, key, name):
    table = key.removesuffix("s")
    sent = {"account_id": firm.own, name: "Vollmacht"}
    asked = add(table, sent_at=now(), **sent)
    add(table, sent_at=now() + timedelta(seconds=1), status="signed", **sent)
    add(table, sent_at=now() - timedelta(days=1), **sent)
    with writer(SYSTEM) as tx:
        tx.insert("signatory", account_id=firm.own, contact_id=firm.contact, contact_email_id=firm.address, **{f"{table}_id": asked})
    before = read_overview(firm.account())[key]
    assert (_signed(before.rows[0]), before.tile["to_sign"]) == ((0, 1, "pending"), 2)
    with writer(SYSTEM) as tx:
        right = {"account_id": firm.own, "contact_id": firm.contact, "contact_email_id": firm.address}
        tx.update("email_access", right, signatory=False)
    card, listing = read_overview(firm.account())[key], read_list(firm.account(), key, ListQuery())
    assert [_signed(row) for row in card.rows] == [(0, 0, "nobody"), (0, 0, "pending"), (0, 0, "signed")]
    assert [_signed(row) for row in card.rows] == [_signed(row) for row in listing.rows]
    assert card.tile["to_sign"] == 1
    assert read_list(firm.account(), key, ListQuery(codes={"status": "nobody"})).total == 1
    assert read_list(firm.account(), key, ListQuery(codes={"status": "pending"})).total == 1


@pytest.mark.parametrize(("key", "name"), [("signatures", "document_name"), ("contracts", "name")])
def test_more_signatures_than_are_needed_count_as_one(firm, key, name):
    table = key.removesuffix("s")
    sent = add(table, account_id=firm.own, sent_at=now(), needs="one", status="signed", **{name: "Vollmacht"})
    for _ in range(2):
        signatory = {"contact_id": firm.contact, "contact_email_id": firm.address, "signed_at": now()}
        add("signatory", account_id=firm.own, **signatory, **{f"{table}_id": sent})
    assert _signed(read_overview(firm.account())[key].rows[0]) == (1, 1, "signed")


def _signed(row):
    return row["signed_count"], row["needed_count"], row["status"]


def test_widgets_without_the_right_are_not_there(firm):
    account = firm.account("own", "assigned")
    assert "unpaid_invoices" not in read_overview(account)
    with pytest.raises(NotFound):
        read_list(account, "unpaid_invoices", ListQuery())


def test_rates_and_the_time_of_others_need_their_rights(firm):
    with writer(SYSTEM) as tx:
        tx.insert("staff_right", staff_member_id=firm.assigned, right_key=Right.SEE_ALL_TIME.value)
    account = firm.account("own", "assigned")
    result = read_overview(account)["time_entries"]
    assert (result.total, result.rows[0]["amount"], result.tile) == (1, None, {"unbilled": 60})
    assert "amount" not in {column.key for column in read_list(account, "time_entries", ListQuery()).columns}


@pytest.mark.parametrize("widget", CATALOGUE, ids=lambda widget: widget.key)
def test_an_account_one_was_let_into_shows_what_the_views_show(sample_account, widget):
    """For everybody who sees it, also who sees nothing else: so no row of another account, of others' time or of money stands in it."""
    with reader(SYSTEM) as r:
        members = [row["staff_member_id"] for row in r.rows("SELECT staff_member_id FROM staff_member WHERE is_active")]
        account_id = r.value("SELECT account_id FROM assignment GROUP BY 1 ORDER BY count(*) DESC, 1")
    asked = {"account_id": account_id, "today": today()}
    asked = {name: asked[name] for name in widget.query.parameters}
    seen_by = 0
    for member in members:
        with reader(Viewer.staff(member)) as r:
            if not r.sees(account_id):
                continue
            through_views = r.rows(widget.query, **asked)
        with account_reader(Viewer.staff(member), account_id) as r:
            assert r.rows(widget.query, **asked) == through_views
        seen_by += 1
    assert seen_by > 1


def test_an_account_one_was_not_let_into_is_not_read(firm):
    for account_id in (firm.foreign, 987654):
        with pytest.raises(AccountNotFound), account_reader(firm.viewer("assigned"), account_id):
            raise AssertionError
    with pytest.raises(AccountNotFound), account_reader(firm.viewer("portal"), firm.foreign):
        raise AssertionError


def test_only_the_broken_widget_says_so(firm, monkeypatch):
    broken = replace(WIDGETS["emails"])
    broken.__dict__["query"] = Query("emails", "SELECT nothing_like_it AS email_id FROM email\nORDER BY email_id")
    catalogue = tuple(broken if widget.key == "emails" else widget for widget in CATALOGUE)
    monkeypatch.setitem(card_cache.KEPT, "emails", broken)
    monkeypatch.setattr(read, "kept_for", lambda rights: catalogue)
    monkeypatch.setattr(card_cache, "_statements", {})
    results = read_overview(firm.account())
    assert [key for key, result in results.items() if result.failed] == ["emails"]
    assert results["notes"].total == 1


def test_an_account_that_may_no_longer_be_seen(firm):
    account = firm.account("own", "assigned")
    with writer(SYSTEM) as tx:
        tx.delete("assignment", {"account_id": firm.own, "staff_member_id": firm.assigned})
    with pytest.raises(AccountNotFound):
        read_overview(account)
    with pytest.raises(AccountNotFound):
        mark_all_seen(account, [firm.document])


@pytest.mark.parametrize("nonsense", ["", "x", "1e3", "-1", "0", "10" * 30, "1 OR 1=1", None, "१"])
def test_nonsense_and_foreign_and_missing_look_alike(firm, nonsense):
    for asked in (nonsense, firm.foreign, 987654321):
        with pytest.raises(AccountNotFound) as raised:
            open_account(firm.viewer("assigned"), asked)
        assert (raised.value.code, raised.value.values) == ("account_not_found", {})


@pytest.mark.parametrize("hostile", ["%", "_", "'", '"; DROP TABLE x', "ß" * 5000, "😀", "\u202e", "\x00"])
def test_hostile_words_in_the_full_list(firm, hostile):
    assert read_list(firm.account(), "notes", ListQuery(find=hostile)).total in (0, 1)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("widget", CATALOGUE, ids=lambda w: w.key)
def test_every_cell_is_found_by_what_stands_in_it(sample_account, widget, code):
    """As the table shows it, in the person's language and the firm's time zone: days, moments, amounts, hours, words of codes."""
    with speaking(code):
        account = sample_account if widget.key != "tasks" else with_tasks(sample_account.viewer)
        listed = read_list(account, widget.key, ListQuery(scope="all"), limit=None)
        assert listed.rows
        for column in listed.columns:
            cells: dict[str, set[int]] = {}
            for row in listed.rows:
                if seen := shown(widget, column, row):
                    cells.setdefault(seen, set()).add(row[widget.id_column])
            for seen, ids in list(cells.items())[:12]:
                found = read_list(account, widget.key, ListQuery(find=seen, scope="all"), limit=None)
                missed = ids - {row[widget.id_column] for row in found.rows}
                assert not missed or len(seen.split()) > MAX_SEARCH_WORDS, (column.key, seen)
                if column.kind in ("date", "moment"):
                    assert all(seen in cells_of(widget, listed.columns, row) for row in found.rows), (column.key, seen)


def with_tasks(viewer: Viewer) -> OpenAccount:
    with reader(viewer) as r:
        busiest = "SELECT account_id FROM task WHERE completed_at IS NULL GROUP BY 1 ORDER BY count(*) DESC, 1"
        return open_account(viewer, r.value(busiest))


def shown(widget, column: Column, row: Row) -> str | None:
    writes = {"date": formats.day, "moment": formats.moment}
    return writes[column.kind](row[column.key]) if column.kind in writes else cell_text(widget, column, row)


def cells_of(widget, columns: Iterable[Column], row: Row) -> str:
    return " ".join(filter(None, (shown(widget, column, row) for column in columns)))


@pytest.fixture(scope="module")
def sample_store(tmp_path_factory, sample_folder):
    """The sample firm, its owner, and a client that has rows in every widget but tasks, whatever the day: looked for once."""
    data = shutil.copytree(sample_folder, tmp_path_factory.mktemp("sample") / "data")
    settings = read_settings({"KUNDENBLICK_DATA": str(data)})
    close_store()
    open_installation(settings)
    with reader(SYSTEM) as r:
        owner = Viewer.staff(r.value("SELECT staff_member_id FROM staff_member WHERE role = 'owner'"))
        busiest = r.rows(
            "SELECT account_id FROM job WHERE status = 'active' GROUP BY account_id ORDER BY count(*) DESC, account_id OFFSET 3"
        )
    # On some days and at some hours one of them has paid everything.
    opened = (open_account(owner, row["account_id"]) for row in busiest)
    found = next(account for account in opened if all(result.total for key, result in read_overview(account).items() if key != "tasks"))
    close_store()
    return settings, owner, found.account_id


@pytest.fixture
def sample_account(sample_store):
    settings, owner, account_id = sample_store
    close_store()
    open_installation(settings)
    yield open_account(owner, account_id)
    close_store()
