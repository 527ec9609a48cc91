"""The sample firm's work and money go as they go in an office: jobs through their stages, transfers on bank days, tasks by their month."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from statistics import median
from types import SimpleNamespace

import pytest
from stdnum.de import stnr

from core.base.config import read_settings
from core.base.rights import Viewer
from core.operations.installation import open_installation
from core.sample import LAST_MINUTE, build_sample, names
from core.sample.office import MONTHS
from core.sample.places import AT, BY_TOWN
from core.sample.rhythm import Calendar
from core.store import close_store, writer
from tests.size import some

# A year's end is near; between two returns; the first weekend of a year; after a holiday on a Saturday.
DAYS = [date(2026, 11, 27), date(2026, 6, 17), date(2026, 1, 3), date(2026, 10, 4)]
# In all of Germany; banks also rest on 24 and 31 December.
SHUT = {
    date(2024, 10, 3), date(2025, 1, 1), date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 1), date(2025, 5, 29), date(2025, 6, 9), date(2025, 10, 3),
    date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 14), date(2026, 5, 25), date(2026, 10, 3),
    *(date(year, 12, day) for year in (2024, 2025, 2026) for day in (24, 25, 26, 31)),
}  # fmt: skip
TABLES = (
    "account", "pipeline", "stage", "job", "task", "invoice", "payment", "credit", "approval", "signature", "contract", "organizer", "time_entry",
    "note", "email", "document", "login", "account_contact", "contact", "custom_field", "account_field_value",
)  # fmt: skip
# What waits for clients: the table, and the column of when they were asked.
ASKED = {"approval": "asked_at", "signature": "sent_at", "contract": "sent_at", "organizer": "sent_at"}


@pytest.fixture(scope="module", params=some(DAYS, 2), ids=str)
def firm(request, tmp_path_factory):
    close_store()
    settings = read_settings({"KUNDENBLICK_DATA": str(tmp_path_factory.mktemp("sample") / "data")})
    open_installation(settings)
    build_sample(settings, Calendar.utc(request.param, LAST_MINUTE))
    with writer(Viewer.system("tests")) as tx:
        tables = {name: tx.rows(f"SELECT * FROM {name}") for name in TABLES}
    yield SimpleNamespace(day=request.param, **tables)
    close_store()


@pytest.fixture
def active(firm):
    """The active jobs, with their pipeline's name and their stage's place; not those of the client who sends nothing."""
    pipelines = {row["pipeline_id"]: row["name"] for row in firm.pipeline}
    places = {row["stage_id"]: row["position"] for row in firm.stage}
    last = Counter(row["pipeline_id"] for row in firm.stage)
    silent = next(row["account_id"] for row in firm.account if row["name"] == names.SILENT)
    return [
        SimpleNamespace(
            **row, pipeline=pipelines[row["pipeline_id"]], place=places[row["stage_id"]],
            is_last=places[row["stage_id"]] == last[row["pipeline_id"]] - 1,
        )
        for row in firm.job if row["status"] == "active" and row["account_id"] != silent
    ]  # fmt: skip


def test_work_in_progress_is_spread_over_the_stages(firm, active):
    by_place, by_pipeline = Counter(job.place for job in active), defaultdict(Counter)
    for job in active:
        by_pipeline[job.pipeline][job.place] += 1
    if firm.day.month > 1:
        assert len(active) > 40 and all(by_place[place] >= 4 for place in range(4)), by_place
    for name, found in by_pipeline.items():
        assert found.total() < 12 or (len(found) >= 3 and max(found.values()) <= 0.7 * found.total()), (name, found)


def test_what_is_done_is_not_active(firm, active):
    # Sent wages and transmitted returns are done, whatever the day.
    assert not [job.name for job in active if job.pipeline in ("Lohn", "USt-Voranmeldung") and job.is_last]
    overdue = [job for job in active if job.due_on < firm.day]
    assert len([job for job in overdue if job.is_last]) <= 3
    assert len(overdue) <= 16 and all((firm.day - job.due_on).days <= 130 for job in overdue), len(overdue)
    assert all((firm.day - job.due_on).days <= 27 for job in overdue if job.pipeline in ("Lohn", "USt-Voranmeldung"))


def test_the_day_of_a_stage_lies_in_the_life_of_its_job(firm):
    for row in firm.job:
        assert row["created_at"] <= row["stage_since_at"], row["name"]
        assert row["created_at"].date() <= row["due_on"], row["name"]
    months = [row for row in firm.job if row["status"] != "active" and row["name"].startswith(("Lohn", "USt"))]
    assert all(row["stage_since_at"].date() <= row["due_on"] + timedelta(days=3) for row in months)


def test_banks_move_money_on_their_days_only(firm):
    by_bank = [row["paid_on"] for row in firm.payment if row["method"] != "Bar"]
    assert len(by_bank) > 600 and not [day for day in by_bank if day.weekday() >= 5 or day in SHUT]
    assert not [row["booked_on"] for row in firm.credit if row["booked_on"].weekday() >= 5 or row["booked_on"] in SHUT]
    issued = {row["invoice_id"]: row["issued_on"] for row in firm.invoice}
    assert all(issued[row["invoice_id"]] <= row["paid_on"] < firm.day for row in firm.payment)


def test_tasks_are_due_after_their_beginning_and_wages_at_the_end_of_their_month(firm):
    assert not [row["title"] for row in firm.task if row["due_on"] < row["created_at"].date()]
    wages = [row for row in firm.task if row["title"].startswith("Lohn ")]
    assert len(wages) > 50
    for row in wages:
        assert MONTHS[row["due_on"].month - 1] == row["title"].split()[1], row["title"]
        assert row["due_on"].day >= (16 if row["due_on"].month == 12 else 20), row
        assert row["status"] in ("completed", "canceled") or (firm.day - row["due_on"]).days <= 14


def test_a_payment_on_its_way_belongs_to_a_recent_invoice(firm):
    late = [row for row in firm.invoice if row["status"] in ("scheduled", "in_progress") and (firm.day - row["due_on"]).days > 30]
    assert not [(row["number"], row["due_on"]) for row in late]


def test_what_waits_for_clients_lies_in_the_last_weeks_but_for_what_was_forgotten(firm):
    known = {row["account_id"]: row["name"] for row in firm.account}
    forgotten, dormant = Counter(), Counter()
    for table, column in ASKED.items():
        waits = [row for row in getattr(firm, table) if row["status"] in ("pending", "partially_signed")]
        ages = [(firm.day - row[column].date()).days for row in waits]
        assert len(waits) >= 4 and median(ages) <= 28, (table, ages)
        forgotten += Counter(known[row["account_id"]] for row, age in zip(waits, ages, strict=True) if age > 45)
        dormant += Counter(known[row["account_id"]] for row, age in zip(waits, ages, strict=True) if age > 365)
    stories = {names.UNBILLED, names.UNDECIDED, names.UNANSWERED, names.DORMANT}
    assert stories <= set(forgotten) <= stories | {names.SILENT, *names.QUIET}
    assert dormant[names.DORMANT] and set(dormant) <= {names.DORMANT, names.SILENT}
    handed_in = [row for row in firm.organizer if row["status"] == "submitted"]
    assert handed_in and all((firm.day - row["updated_at"].date()).days <= 22 for row in handed_in)


def test_unbilled_time_has_every_age_and_one_client_was_forgotten(firm):
    ids = {row["name"]: row["account_id"] for row in firm.account}
    open_time = [row for row in firm.time_entry if not row["is_billed"]]
    by_age = Counter(min((firm.day - row["worked_on"]).days // 30, 6) for row in open_time)
    assert all(by_age[age] for age in range(6)), by_age
    old = Counter(row["account_id"] for row in open_time if (firm.day - row["worked_on"]).days > 100)
    assert old.most_common(1)[0][0] == ids[names.UNBILLED]


def test_one_clients_flood_is_not_the_whole_firm(firm):
    busy = next(row["account_id"] for row in firm.account if row["name"] == names.BUSY)
    for table in ("email", "document", "time_entry", "login", "task"):
        found = Counter(row["account_id"] == busy for row in getattr(firm, table))
        assert found[True] <= 0.72 * found.total(), (table, found)
    unseen = Counter(row["account_id"] == busy for row in firm.document if row["is_from_client"] and not row["seen_at"])
    assert unseen[True] <= 0.85 * unseen.total()


def test_tax_offices_postcodes_and_telephones_are_of_the_clients_town(firm):
    """And tax numbers are written as the office's Land writes them; two of one office begin alike."""
    keys = {row["custom_field_id"]: row["key"] for row in firm.custom_field}
    facts, towns = defaultdict(dict), defaultdict(set)
    for row in firm.account_field_value:
        facts[row["account_id"]][keys[row["custom_field_id"]]] = row["value"]
    contacts = {row["contact_id"]: row for row in firm.contact}
    for link in firm.account_contact:
        contact = contacts[link["contact_id"]]
        place = BY_TOWN[contact["city"]]
        assert (contact["postcode"], contact["phone"].split()[:2]) == (place.postcode, ["+49", place.dialling_code[1:]])
        towns[link["account_id"]].add(place)
    assert all(len(found) == 1 for found in towns.values())
    for row in firm.account:
        (place,) = towns[row["account_id"]]
        known = facts[row["account_id"]]
        assert known.get("finanzamt", place.tax_office) == place.tax_office and AT.get(row["name"], place.town) == place.town
        if number := known.get("steuernummer"):
            assert number.startswith(place.office_number) and stnr.is_valid(number), (place, number)


def test_what_is_said_of_a_client_is_said_once_and_fits_it(firm):
    said = [row["text"] for row in firm.note]
    assert len(said) > 150 and len(set(said)) == len(said)
    assert not [text for text in said if "{" in text]
    ids = {row["name"]: row["account_id"] for row in firm.account}
    exempt = {ids[name] for name in names.EXEMPT}
    assert not [row["name"] for row in firm.job if row["account_id"] in exempt and row["name"].startswith("USt-")]
    other = {row["account_id"] for row in firm.account if row["kind"] == "other"}
    assert not [row["name"] for row in firm.job if row["account_id"] in other and row["name"].startswith("Einkommensteuer")]


def test_some_clients_of_habit_have_fallen_silent(firm):
    ids = {row["name"]: row["account_id"] for row in firm.account}
    for name, days in names.QUIET.items():
        heard = [row["tried_at"] for row in firm.login if row["account_id"] == ids[name]]
        heard += [row["sent_at"] for row in firm.email if row["account_id"] == ids[name] and row["direction"] == "received"]
        heard += [row["uploaded_at"] for row in firm.document if row["account_id"] == ids[name] and row["is_from_client"]]
        since = [(firm.day - moment.date()).days for moment in heard]
        assert days <= min(since) <= days + 12 and len(since) > 60, (name, min(since))
