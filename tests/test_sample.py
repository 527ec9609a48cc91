"""The sample firm: what it holds, that it hangs together, and that it is the same for the same day."""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
import zlib
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace

import pytest
from PIL import Image
from stdnum import iban
from stdnum.de import idnr, vat

from core.base.config import read_settings
from core.base.errors import AppError
from core.base.rights import Viewer
from core.identity.sign_in import check_password
from core.operations.installation import open_installation
from core.overview.figures import figures_select
from core.sample import build_sample, names
from core.sample.rhythm import Calendar, easter
from core.store import close_store, writer
from core.store.tables import TABLES

DAY = date(2026, 9, 30)
END = datetime(2026, 9, 30, 6, 40, tzinfo=UTC).replace(tzinfo=None)
RANDOM = {("staff_member", "password_hash")}
FORWARD = {"due_on"}
STATUSES = {
    "document": "none pending_approval approved disapproved pending_signature partially_signed signed voided pending_payment",
    "task": "planned in_progress waiting completed canceled",
    "invoice": "unpaid partially_paid in_progress scheduled paid",
    "job": "active completed archived",
    "approval": "pending approved disapproved",
    "signature": "pending partially_signed signed declined voided",
    "contract": "pending partially_signed signed declined",
    "organizer": "pending submitted sealed",
}


def built(folder):
    close_store()
    settings = read_settings({"KUNDENBLICK_DATA": str(folder)})
    open_installation(settings)
    build_sample(settings, END)
    with writer(Viewer.system("tests")) as tx:
        tables = {name: tx.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in TABLES}
        figures = tx.rows(f"{figures_select('SELECT account_id FROM account')} ORDER BY account_id")
    return SimpleNamespace(settings=settings, tables=tables, figures=figures)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    yield built(tmp_path_factory.mktemp("sample") / "data")
    close_store()


@pytest.fixture(scope="module")
def accounts(sample):
    return {row["name"]: row for row in sample.tables["account"]}


def rows_of(sample, account_id):
    return {
        name: count
        for name, spec in TABLES.items()
        if "account_id" in spec.references and (count := sum(row["account_id"] == account_id for row in sample.tables[name]))
    }


def test_the_firm_has_the_promised_size(sample):
    tables = sample.tables
    assert [row["is_sample"] for row in tables["firm"]] == [True]
    assert tuple(len(tables[name]) for name in ("staff_member", "account", "contact")) == (8, 120, 180)
    assert {"person", "company", "other"} == {row["kind"] for row in tables["account"]}
    assert {"active", "pending", "offline", "archived"} == {row["state"] for row in tables["account"]}
    assert 12 == len(tables["photo"]) == len({row["photo_id"] for row in tables["account"] if row["photo_id"]})
    assert any(count > 1 for count in Counter(row["contact_id"] for row in tables["contact_email"]).values())
    assert any(count > 1 for count in Counter(row["contact_id"] for row in tables["account_contact"]).values())
    assert any(row["holder_name"] and row["holder_relation"] for row in tables["contact_email"])
    assert len(tables["contact_email"]) == len({row["email"].lower() for row in tables["contact_email"]})
    assert {row["account_id"] for row in tables["account"]} == {row["account_id"] for row in tables["account_contact"]}
    assert len({row["number"] for row in tables["account"]}) == 120
    assert max(tables["audit_entry"], key=lambda row: row["audit_entry_id"])["new_value"] == "sample"


@pytest.mark.parametrize("table", STATUSES)
def test_every_status_occurs(sample, table):
    assert set(STATUSES[table].split()) == {row["status"] for row in sample.tables[table]}


def test_every_reference_resolves_and_ids_are_given_once(sample):
    ids = {name: {row[spec.key[0]] for row in sample.tables[name]} for name, spec in TABLES.items() if spec.has_id}
    for name, spec in TABLES.items():
        assert len(sample.tables[name]) == len({tuple(row[column] for column in spec.key) for row in sample.tables[name]}), name
        for column, other in spec.references.items():
            assert not {row[column] for row in sample.tables[name]} - ids[other] - {None}, (name, column)
    with writer(Viewer.system("tests")) as tx:
        assert tx.new_id() > max(max(found) for name, found in ids.items() if found and name != "audit_entry")


def test_rows_of_one_account_refer_to_that_account(sample):
    owner = {name: {row[f"{name}_id"]: row["account_id"] for row in sample.tables[name]} for name in ("job", "invoice", "document", "chat")}
    for name, column, other in [
        ("task", "job_id", "job"), ("time_entry", "job_id", "job"), ("time_entry", "invoice_id", "invoice"),
        ("payment", "invoice_id", "invoice"), ("invoice_line", "invoice_id", "invoice"),
        ("approval", "document_id", "document"), ("signature", "document_id", "document"), ("chat_message", "chat_id", "chat"),
    ]:  # fmt: skip
        assert all(row[column] is None or owner[other][row[column]] == row["account_id"] for row in sample.tables[name]), (name, column)


def test_states_agree_with_access(sample):
    access = defaultdict(list)
    for row in sample.tables["email_access"]:
        access[row["account_id"]].append(row)
        assert row["login"] or row["first_login_at"] is None
    for account in sample.tables["account"]:
        logins = [row for row in access[account["account_id"]] if row["login"]]
        expected = (
            "archived"
            if account["archived_at"]
            else "active"
            if any(row["first_login_at"] for row in logins)
            else "pending"
            if logins
            else "offline"
        )
        assert expected == account["state"], account["name"]


def test_whoever_has_signed_in_once_left_a_trace(sample):
    logins = {
        (row["account_id"], row["contact_email_id"], row["tried_at"]) for row in sample.tables["login"] if row["outcome"] == "success"
    }
    addresses = {row["contact_email_id"]: (row["contact_id"], row["email"]) for row in sample.tables["contact_email"]}
    for row in sample.tables["email_access"]:
        assert row["first_login_at"] is None or (row["account_id"], row["contact_email_id"], row["first_login_at"]) in logins
        assert addresses[row["contact_email_id"]][0] == row["contact_id"]
    assert all(addresses[row["contact_email_id"]] == (row["contact_id"], row["email"]) for row in sample.tables["login"])


def test_numbers_have_valid_check_digits(sample):
    keys = {row["custom_field_id"]: row["key"] for row in sample.tables["custom_field"]}
    values = defaultdict(list)
    for row in sample.tables["account_field_value"]:
        values[keys[row["custom_field_id"]]].append(row["value"])
    assert len(values["iban"]) > 90 and all(iban.is_valid(value) for value in values["iban"])
    assert len(values["ust_idnr"]) > 40 and all(vat.is_valid(value) for value in values["ust_idnr"])
    assert len(values["steuer_idnr"]) > 40 and all(idnr.is_valid(value) for value in values["steuer_idnr"])


def drawn(pdf):
    """What a PDF of ours draws, found as a reader finds it: from the end to the table of objects to the page's stream."""
    table = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", pdf).group(1))
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", pdf[table:])]
    assert all(pdf[place:].startswith(b"%d 0 obj" % number) for number, place in enumerate(places, 1))
    length, rest = re.search(rb"/Length (\d+) .*?stream\n(.*)", pdf[places[3] :], re.DOTALL).groups()
    return zlib.decompress(rest[: int(length)])


def test_files_exist_and_open(sample):
    folder = sample.settings.documents
    by_file = {row["file"]: row for row in sample.tables["document"]}
    assert None not in by_file
    for file, row in by_file.items():
        data = (folder / file).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (row["size_bytes"], row["sha256"])
        if file.endswith(".pdf"):
            assert data.startswith(b"%PDF")
        if file.endswith(".png"):
            Image.open(io.BytesIO(data)).verify()
    for row in sample.tables["photo"]:
        data = (sample.settings.photos / row["file"]).read_bytes()
        assert row["sha256"] == hashlib.sha256(data).hexdigest()
        image = Image.open(io.BytesIO(data))
        assert (image.format, image.size) == ("WEBP", (512, 512))


def test_the_newest_two_hundred_documents_have_their_own_files(sample, accounts):
    newest = sorted(
        (row for row in sample.tables["document"] if row["account_id"] == accounts[names.BUSY]["account_id"]),
        key=lambda row: (row["uploaded_at"], row["document_id"]), reverse=True,
    )[:200]  # fmt: skip
    assert all(row["file"].split("/")[1].split(".")[0] == str(row["document_id"]) for row in newest)


def test_money_adds_up(sample):
    paid, lines = defaultdict(Decimal), defaultdict(Decimal)
    for row in sample.tables["payment"]:
        paid[row["invoice_id"]] += row["amount"]
    for row in sample.tables["invoice_line"]:
        lines[row["invoice_id"]] += row["amount"]
    for row in sample.tables["invoice"]:
        assert paid[row["invoice_id"]] == row["paid_amount"]
        assert lines[row["invoice_id"]] == row["total"] > 0
        assert (row["status"] == "paid") == (row["paid_amount"] == row["total"])
        assert (row["status"] == "partially_paid") == (0 < row["paid_amount"] < row["total"])
    numbered = sorted(sample.tables["invoice"], key=lambda row: row["number"])
    assert [row["issued_on"] for row in numbered] == sorted(row["issued_on"] for row in numbered)
    assert len({row["number"] for row in numbered}) == len(numbered)
    for row in sample.tables["time_entry"]:
        assert row["amount"] == (row["rate"] * row["minutes"] / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert row["is_billed"] == (row["invoice_id"] is not None)


def test_chats_say_what_their_newest_message_says(sample):
    messages = defaultdict(list)
    for row in sample.tables["chat_message"]:
        messages[row["chat_id"]].append(row)
    for chat in sample.tables["chat"]:
        last = max(messages[chat["chat_id"]], key=lambda row: (row["sent_at"], row["chat_message_id"]))
        assert (last["text"], last["sent_at"], last["is_from_client"]) == (
            chat["last_message"],
            chat["last_message_at"],
            chat["last_is_from_client"],
        )


def test_signed_as_often_as_the_status_says(sample):
    for kind in ("signature", "contract"):
        signed = defaultdict(list)
        for row in sample.tables["signatory"]:
            signed[row[f"{kind}_id"]].append(row["signed_at"] is not None)
        for row in sample.tables[kind]:
            done, asked = sum(signed[row[f"{kind}_id"]]), len(signed[row[f"{kind}_id"]])
            is_signed = done > 0 if row["needs"] == "one" else done == asked
            if row["status"] not in ("declined", "voided"):
                assert row["status"] == ("signed" if is_signed else "partially_signed" if done else "pending")


def test_figures_and_search_are_those_of_the_rows(sample):
    assert sample.figures == sorted(sample.tables["account_figure"], key=lambda row: row["account_id"])
    assert 120 == len(sample.tables["search_text"]) == len({row["account_id"] for row in sample.tables["search_word"]})


def test_nothing_lies_in_the_future_or_before_its_client(sample):
    for name, rows in sample.tables.items():
        for row in rows if name != "audit_entry" else ():
            for column, value in row.items():
                if isinstance(value, datetime):
                    assert value <= END, (name, column, value)
                elif isinstance(value, date) and column not in FORWARD:
                    assert value <= DAY, (name, column, value)
    since = {row["account_id"]: row["created_at"] for row in sample.tables["account"]}
    for name, column in [
        ("document", "uploaded_at"),
        ("email", "sent_at"),
        ("login", "tried_at"),
        ("chat", "created_at"),
        ("task", "created_at"),
    ]:
        assert all(row[column] >= since[row["account_id"]] for row in sample.tables[name]), name
    assert max(row["sent_at"] for row in sample.tables["email"]) > END - timedelta(days=1)


def test_one_client_is_huge_and_one_is_empty(sample, accounts):
    assert sum(rows_of(sample, accounts[names.BUSY]["account_id"]).values()) >= 50_000
    held = {
        "account_figure",
        "search_word",
        "search_text",
        "account_contact",
        "account_field_value",
        "account_tag",
        "assignment",
        "email_access",
    }
    assert set(rows_of(sample, accounts[names.EMPTY]["account_id"])) <= held


def test_july_is_busy_and_august_quiet(sample):
    months = Counter((row["uploaded_at"].year, row["uploaded_at"].month) for row in sample.tables["document"])
    assert months[2026, 7] > 1.3 * months[2026, 5] > 1.3 * months[2026, 8]
    assert (date(2026, 4, 5), date(2027, 3, 28), date(2025, 4, 20)) == tuple(easter(year) for year in (2026, 2027, 2025))


def test_stories_are_told(sample, accounts):
    silent, disputed, half, new = (accounts[name]["account_id"] for name in (names.SILENT, names.DISPUTED, names.HALF_SIGNED, names.NEW))
    assert {"sent"} == {row["direction"] for row in sample.tables["email"] if row["account_id"] == silent}
    assert any("bestritten" in row["text"] and row["is_pinned"] for row in sample.tables["note"] if row["account_id"] == disputed)
    assert any(row["status"] == "partially_signed" for row in sample.tables["contract"] if row["account_id"] == half)
    assert accounts[names.NEW]["state"] == "pending"
    assert (DAY - accounts[names.NEW]["created_at"].date()).days <= 4 and not [r for r in sample.tables["login"] if r["account_id"] == new]
    linked = {
        name: {row["contact_id"] for row in sample.tables["account_contact"] if row["account_id"] == accounts[name]["account_id"]}
        for name in (names.COUPLE, names.COUPLE_COMPANY)
    }
    assert len(linked[names.COUPLE] & linked[names.COUPLE_COMPANY]) == 2


def test_its_sign_ins_work_and_are_for_the_owner_of_the_folder(sample):
    file = sample.settings.data / "sample-sign-ins.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    members = {row["staff_member_id"]: row for row in sample.tables["staff_member"]}
    entries = json.loads(file.read_text("utf-8"))
    found = [members[check_password(entry["email"], entry["password"], "198.51.100.7")]["role"] for entry in entries]
    assert found == ["owner", "admin", "employee", "employee"]
    assert all({"label_de", "label_en"} <= set(entry) and len(entry["password"]) >= 12 for entry in entries)


def test_a_filled_store_is_refused(sample):
    with pytest.raises(AppError, match="sample_not_empty"):
        build_sample(sample.settings, END)


def test_moments_are_stored_in_utc():
    assert datetime(2026, 7, 1, 6, tzinfo=UTC).replace(tzinfo=None) == Calendar.utc(date(2026, 7, 1), 480)
    assert datetime(2026, 1, 2, 7, tzinfo=UTC).replace(tzinfo=None) == Calendar.utc(date(2026, 1, 2), 480)


def test_the_same_day_gives_the_same_firm(sample, tmp_path):
    again = built(tmp_path / "data")
    for name in TABLES:
        if name == "audit_entry":
            continue
        hidden = {column for table, column in RANDOM if table == name}
        first, second = (
            [{column: value for column, value in row.items() if column not in hidden} for row in side.tables[name]]
            for side in (sample, again)
        )
        assert first == second, name
