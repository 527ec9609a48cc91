"""Conditions over the columns of Kunden: every column has its own, in both languages, and what makes no sense is said."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core.base.errors import InvalidValue
from core.base.rights import Viewer
from core.clients.accounts import AccountQuery, count_accounts, known_columns, list_accounts
from core.clients.custom_fields import define_field, key_of
from core.clients.list_columns import COLUMNS, DAYS, NUMBERS
from core.clients.list_conditions import COUNTED_DAYS, WITHOUT_VALUE, Condition, clean_condition, hows_of
from core.i18n import speaking, words_of
from core.i18n.formats import today
from core.store import now, writer

SYSTEM = Viewer.system("tests")
TYPES = (
    "text", "long_text", "number", "money", "date", "yes_no", "choice", "choices", "email", "phone", "link", "address", "iban", "vat_id",
    "staff_member",
)  # fmt: skip


@pytest.fixture
def own_fields(firm):
    """A field of each type; the own account has values of some."""
    owner = firm.viewer("owner")
    made = {
        type_: define_field(owner, scope="account", label=type_, type=type_, options=("A", "B") if type_.startswith("choice") else ())
        for type_ in TYPES
    }
    values = {"number": "1234.5", "money": "99.00", "date": "2026-05-17", "choice": "A", "choices": '["A", "B"]', "text": "Größe"}
    with writer(SYSTEM) as tx:
        for type_, value in values.items():
            tx.insert("account_field_value", account_id=firm.own, custom_field_id=made[type_], value=value)
    return made


def found(firm, *conditions: Condition, who: str = "owner") -> list[int]:
    return [row["account_id"] for row in list_accounts(firm.viewer(who), AccountQuery(conditions=conditions)).rows]


@pytest.mark.parametrize("code", ["de", "en"])
def test_every_column_has_its_conditions_and_its_sort(firm, own_fields, code):
    known = known_columns(firm.viewer("owner"))
    assert set(known) >= {*COLUMNS, *map(key_of, own_fields.values())}
    words = words_of(code)
    raw = {
        "money": "1.234,50" if code == "de" else "1,234.50", "count": "3", "hours": "1,5" if code == "de" else "1.5", "number": "7",
        "day": today(), "moment": today(),
    }  # fmt: skip
    with speaking(code):
        for key, column in known.items():
            assert column.field is not None or words[f"accounts.{key}"], key
            hows = hows_of(column)
            assert hows and len(hows) >= (1 if column.kind == "choice" or not column.may_be_empty else 3), key
            for how in hows:
                assert words[f"accounts.how.{how}"]
                if how in WITHOUT_VALUE:
                    given: tuple = ()
                elif how in ("is", "has"):
                    given = (column.codes[0] if column.codes else "1",)
                elif how in COUNTED_DAYS:
                    given = ("30",)
                else:
                    given = (raw[column.kind],) * 2
                condition = clean_condition(column, how, given, code)
                viewer = firm.viewer("owner")
                for descending in (False, True):
                    page = list_accounts(
                        viewer, AccountQuery(conditions=[condition], sort=key, descending=descending, columns=(key,), sums=True)
                    )
                    assert page.total == len(page.rows) == count_accounts(viewer, AccountQuery(conditions=[condition])) <= 3, (key, how)
                assert (key in page.sums) == (column.kind in NUMBERS and column.field is None)
            if "filled" in hows:
                both = {*found(firm, Condition(key, "filled")), *found(firm, Condition(key, "empty"))}
                assert both == {firm.own, firm.foreign, firm.empty}, key
                assert not {*found(firm, Condition(key, "filled"))} & {*found(firm, Condition(key, "empty"))}


def test_amounts_and_own_fields_compare_as_numbers_and_days(firm, own_fields):
    by = {type_: key_of(number) for type_, number in own_fields.items()}
    for condition, is_own in (
        (Condition(by["number"], "more", ("1000",)), True),
        (Condition(by["number"], "more", ("1234.5",)), False),
        (Condition(by["number"], "between", ("1234.5", "1234.5")), True),
        (Condition(by["money"], "less", ("100",)), True),
        (Condition(by["date"], "before", ("2026-05-18",)), True),
        (Condition(by["date"], "before", ("2026-05-17",)), False),
        (Condition(by["date"], "after", ("2026-05-16",)), True),
        (Condition(by["date"], "between", ("2026-05-17", "2026-05-17")), True),
        (Condition(by["choices"], "is", ("B",)), True),
        (Condition(by["choice"], "is", ("B",)), False),
        (Condition(by["text"], "has", ("grösse",)), True),
        (Condition(by["number"], "filled"), True),
        (Condition(by["iban"], "filled"), False),
    ):
        assert found(firm, condition) == ([firm.own] if is_own else []), condition


def test_days_are_those_of_the_firm(firm):
    def at(days: int) -> None:
        moment = datetime.combine(today() - timedelta(days), datetime.min.time()) + timedelta(hours=12)
        with writer(SYSTEM) as tx:
            tx.delete_all("login", account_id=firm.own)
            tx.insert("login", account_id=firm.own, email="a@b.example", tried_at=moment, outcome="success")

    def holds(how: str, *values: object) -> bool:
        return firm.own in found(firm, Condition("last_login_at", how, tuple(map(str, values))))

    for days in (0, 1, 30, 31):
        at(days)
        assert holds("older", 30) == (days > 30)
        assert holds("last", 30) == (days <= 30)
        assert holds("next", 3) == (days == 0)
        assert holds("before", today()) == (days > 0)
        assert holds("after", today() - timedelta(30)) == (days < 30)
        assert holds("between", today() - timedelta(1), today()) == (days <= 1)
        assert holds("filled") and not holds("empty")


def test_what_is_overdue_is_right_tomorrow_too(firm, monkeypatch):
    with writer(SYSTEM) as tx:
        for days in (0, 1):
            tx.insert(
                "task",
                account_id=firm.empty,
                title="x",
                due_on=today() + timedelta(days),
                priority="normal",
                status="planned",
                created_at=now(),
            )
            tx.insert(
                "invoice", account_id=firm.empty, number=f"M{days}", issued_on=today(), due_on=today() + timedelta(days), total=Decimal("10.50"),
                status="unpaid", created_at=now(),
            )  # fmt: skip
    for later, tasks, amount in ((0, 0, "0.00"), (1, 1, "10.50"), (2, 2, "21.00")):
        moved = today() + timedelta(later)
        with monkeypatch.context() as patch:
            patch.setattr("core.clients.accounts.today", lambda moved=moved: moved)
            page = list_accounts(firm.viewer("owner"), AccountQuery(sums=True))
            row = next(row for row in page.rows if row["account_id"] == firm.empty)
            assert (row["overdue_task_count"], row["overdue_amount"]) == (tasks, Decimal(amount))
            assert page.sums["overdue_amount"] == sum(row["overdue_amount"] for row in page.rows)
            assert (firm.empty in found(firm, Condition("overdue_amount", "more", ("0",)))) == (later > 0)


@pytest.mark.parametrize(
    ("key", "how", "raw", "code"),
    [
        ("net_due", "more", ("viel",), "number_form"),
        ("net_due", "more", (), "needed_number"),
        ("net_due", "more", ("1e999999",), "number_form"),
        ("net_due", "between", ("5", "4"), "from_after_until"),
        ("net_due", "between", ("5",), "needed_number"),
        ("last_login_at", "between", ("2026-02-02", "2026-02-01"), "from_after_until"),
        ("last_login_at", "before", ("30.02.2026",), "date_form"),
        ("last_login_at", "older", ("-1",), "days_range"),
        ("last_login_at", "next", ("1.5",), "days_range"),
        ("last_login_at", "last", ("36501",), "days_range"),
        ("name", "has", (" ",), "condition_value"),
        ("name", "empty", (), "condition_unknown"),
        ("kind", "is", (), "condition_value"),
        ("kind", "more", ("1",), "condition_unknown"),
        ("net_due", "is", ("1",), "condition_unknown"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused_with_the_reason(firm, key, how, raw, code):
    with pytest.raises(InvalidValue) as refused:
        clean_condition(known_columns(firm.viewer("owner"))[key], how, raw)
    assert refused.value.problem[0] == code
    for lang in ("de", "en"):
        assert f"errors.{code}" in words_of(lang)


def test_who_lacks_the_right_has_no_such_column_and_cannot_ask_by_it(firm):
    who = "assigned"
    known = known_columns(firm.viewer(who))
    hidden = {"open_amount", "net_due", "overdue_amount", "unbilled_minutes", "unbilled_amount"}
    assert not hidden & set(known)
    plain = list_accounts(firm.viewer(who), AccountQuery())
    for key in hidden:
        asked = AccountQuery(conditions=[Condition(key, "more", ("0",))], sort=key, columns=("name", key), sums=True)
        page = list_accounts(firm.viewer(who), asked)
        assert (page.rows[0].keys(), page.sums, page.total) == ({"account_id", "photo_id", "name"}, {}, plain.total)
    with writer(SYSTEM) as tx:
        tx.insert("staff_right", staff_member_id=firm.assigned, right_key="see_all_time")
    assert hidden & set(known_columns(firm.viewer(who))) == {"unbilled_minutes"}


def test_sums_are_of_all_that_match_and_not_of_the_page(firm):
    every = list_accounts(firm.viewer("owner"), AccountQuery(sums=True))
    for wish in (AccountQuery(sums=True), AccountQuery(text="m", sums=True)):
        whole = list_accounts(firm.viewer("owner"), wish)
        page = list_accounts(firm.viewer("owner"), wish, 0, 1)
        assert page.sums == whole.sums and whole.sums["open_amount"] == sum(row["open_amount"] for row in whole.rows)
    assert set(every.sums) == {key for key, column in every.known.items() if column.kind in NUMBERS} and not DAYS & set(every.sums)


def test_hostile_values_give_a_list(firm, own_fields):
    for text in ("%", "_", "'", "$wanted_0", "'; DROP TABLE account; --", "😀"):
        for key in ("name", "number", key_of(own_fields["text"])):
            assert found(firm, Condition(key, "has", (text,))) == []
        assert found(firm, Condition("tags", "is", (text,))) == found(firm, Condition("kind", "is", (text,))) == []
