"""Auswertung: every figure is the length of the list it opens, counted from what the viewer may see, by a plain model of each measure."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import duckdb
import pytest

from core.activity.ledger import ledger_of
from core.activity.local_time import local
from core.activity.measures import MEASURES
from core.activity.office_time import office_days, public_holidays, worked_minutes
from core.activity.picks import Period, period_of, pick, pick_of, timed_pick_of
from core.activity.reading import Wanted, read_figures, read_list
from core.base.errors import NotAllowed
from core.base.rights import Right, Viewer
from core.clients.accounts import AccountQuery
from core.clients.list_conditions import Condition
from core.i18n.formats import today, zone
from core.identity.members import set_rights
from core.store import now, reader, writer

SYSTEM = Viewer.system("tests")
DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


def build_activity(_):
    """The small firm with rows of every measure, in three clients, one of them archived."""
    from tests.small_firm import build_firm

    firm, random, moment = build_firm(), Random(7), now().replace(microsecond=0)
    with writer(SYSTEM) as tx:
        firm.archived = tx.insert("account", number="10009", name="Alt GmbH", created_at=moment, archived_at=moment)
        pipelines = [tx.insert("pipeline", name=name) for name in ("Abschluss", "Lohn")]
        stages = [tx.insert("stage", pipeline_id=pipelines[place % 2], name=f"Phase {place}", position=place) for place in range(4)]
        for account in (firm.own, firm.foreign, firm.archived):
            for place in range(9):
                ago = timedelta(days=random.randint(0, 230), minutes=random.randint(0, 1400))
                task = tx.insert(
                    "task", account_id=account, title=f"Aufgabe {place}", created_at=moment - ago,
                    status=random.choice(["planned", "in_progress", "waiting", "completed"]),
                    due_on=random.choice([None, today() + timedelta(random.randint(-30, 40))]),
                )  # fmt: skip
                for member in random.sample([firm.owner, firm.assigned, firm.unassigned], random.randint(0, 2)):
                    tx.insert("task_assignee", account_id=account, task_id=task, staff_member_id=member)
                stage = random.randint(0, 3)
                tx.insert(
                    "job", account_id=account, name=f"Auftrag {place}", pipeline_id=pipelines[stage % 2], stage_id=stages[stage],
                    stage_since_at=moment - ago, created_at=moment - ago, status=random.choice(["active", "active", "completed"]),
                    due_on=random.choice([None, today() + timedelta(random.randint(-30, 40))]),
                )  # fmt: skip
                tx.insert(
                    "time_entry", account_id=account, worked_on=today() - timedelta(random.randint(0, 230)), minutes=random.randint(5, 300),
                    staff_member_id=random.choice([firm.owner, firm.assigned]), is_billed=random.random() < 0.3, created_at=moment,
                    amount=random.choice([None, Decimal(random.randint(1, 900))]),
                )  # fmt: skip
                tx.insert(
                    "invoice", account_id=account, number=f"X-{account}-{place}", issued_on=today() - timedelta(140),
                    due_on=today() - timedelta(random.randint(-20, 120)), total=Decimal(random.randint(50, 900)),
                    paid_amount=Decimal(random.choice([0, 0, 40, 1000])), status=random.choice(["unpaid", "unpaid", "in_progress"]), created_at=moment,
                )  # fmt: skip
            for _ in range(30):
                is_ours = random.random() < 0.5
                tx.insert(
                    "email", account_id=account, subject="Frage", from_address="a@b.example", to_address="c@d.example", thread=f"t{random.randint(0, 9)}",
                    direction="sent" if is_ours else "received", has_failed=random.random() < 0.1, is_read=random.random() < 0.5,
                    sent_at=moment - timedelta(days=random.randint(0, 80), minutes=random.randint(0, 1400)),
                )  # fmt: skip
    set_rights(SYSTEM, firm.assigned, {"analyse"})
    set_rights(SYSTEM, firm.unassigned, {"analyse", "view_all_accounts", "see_all_time"})
    return firm


@pytest.fixture
def firm(holding):
    return holding(build_activity)


WANTED = Wanted(period=Period(today() - 89 * DAY, today()))
WISHES = [
    AccountQuery(),
    AccountQuery("müller"),
    AccountQuery(conditions=(Condition("state", "is", ("archived",)),)),
    AccountQuery(conditions=(Condition("number", "has", ("10002",)),)),
]


OF_RIGHTS = {
    "money": ("assigned", {"analyse", "see_invoices", "see_rates"}),
    "timeless": ("everything", {"analyse", "view_all_accounts", "see_invoices"}),
}


def viewer_of(firm, who: str) -> Viewer:
    """The viewer called so; *money* sees one client, invoices and rates, but nobody else's time, *timeless* all clients and invoices."""
    if who == "looking":
        return Viewer.looking_as(firm.unassigned, firm.owner)
    if who in OF_RIGHTS:
        member, rights = OF_RIGHTS[who]
        set_rights(SYSTEM, getattr(firm, member), rights)
        return firm.viewer(member)
    return firm.viewer(who)


@pytest.mark.parametrize("who", ["owner", "assigned", "unassigned", "looking"])
def test_every_figure_is_the_list_it_opens(firm, who):
    viewer, counted, random = viewer_of(firm, who), Counter(), Random(who)
    with reader(viewer) as r:
        seen = {row["account_id"] for row in r.rows("SELECT account_id FROM account")}
        sees_invoices = r.scope.allows(Right.SEE_INVOICES)
    for query in WISHES:
        wanted = Wanted(query, WANTED.period)
        for key, measure in MEASURES.items():
            if measure.right is not None and not sees_invoices:
                with pytest.raises(NotAllowed):
                    read_figures(viewer, measure, wanted)
                with pytest.raises(NotAllowed):
                    read_list(viewer, pick(key), wanted)
                continue
            figures = read_figures(viewer, measure, wanted)
            # All of them take a minute; these are others for every viewer.
            for figure in random.sample(figures, min(len(figures), 2 if query is not WISHES[0] else 6)):
                values = [figure[dimension.key] for dimension in measure.dimensions]
                assert all(v in d.codes for v, d in zip(values, measure.dimensions, strict=True) if d.codes), (key, values)
                listed = read_list(viewer, pick(key, *values), wanted, limit=None)
                assert len(listed.rows) == listed.total == figure["items"], (key, values)
                assert (
                    listed.clients == len({row["account_id"] for row in listed.rows}) and {row["account_id"] for row in listed.rows} <= seen
                )
                assert all(listed.sums[name] == figure[name] for name in listed.sums), (key, values)
                assert pick_of(pick(key, *values).text()) == pick(key, *values)
                counted[key] += listed.total
            assert read_list(viewer, pick(key), wanted).total == sum(row["items"] for row in figures)
    assert counted["turn"] and counted["tasks"] and counted["jobs"] and counted["happens"] and counted["unbilled"], counted
    assert (counted["response"] > 0) and (counted["ages"] > 0) == sees_invoices


def model(viewer: Viewer) -> dict[str, Counter]:
    """The measures counted in plain Python over the rows the viewer may read, of clients that are not archived."""
    here, found = today(), {key: Counter() for key in ("ages", "net", "unbilled", "tasks", "jobs", "portal", "share")}
    with reader(viewer) as r:
        alive = {row["account_id"] for row in r.rows("SELECT account_id FROM account WHERE archived_at IS NULL")}
        rows = {table: [row for row in r.rows(f"SELECT * FROM {table}") if row["account_id"] in alive]
                for table in ("invoice", "credit", "time_entry", "task", "task_assignee", "job", "email_access", "login")}  # fmt: skip
    for account in alive:
        mine = sorted((i for i in rows["invoice"] if i["account_id"] == account), key=lambda i: (i["due_on"], i["issued_on"], i["number"]))
        credit = max(sum(c["amount"] for c in rows["credit"] if c["account_id"] == account)
                     + sum(max(i["paid_amount"] - i["total"], 0) for i in mine), 0)  # fmt: skip
        for invoice in mine:
            owed = invoice["total"] - invoice["paid_amount"]
            if owed <= 0:
                continue
            late, held = (here - invoice["due_on"]).days, invoice["status"] in ("in_progress", "scheduled")
            pays = Decimal(0) if held else min(owed, credit)
            credit -= pays
            bucket = "held" if held else next(code for code, most in
                (("not_due", 0), ("d30", 30), ("d60", 60), ("d90", 90), ("older", 9999)) if late <= most)  # fmt: skip
            found["ages"][bucket] += 1
            found["net"][bucket] += owed - pays
    for entry in rows["time_entry"]:
        age = (here - entry["worked_on"]).days
        if not entry["is_billed"]:
            found["unbilled"][
                next(c for c, most in (("d30", 30), ("d60", 60), ("d90", 90), ("d180", 180), ("older", 9999)) if age <= most)
            ] += entry["minutes"]

    def due(row) -> str:
        return "later" if row["due_on"] is None or row["due_on"] > here + 14 * DAY else "overdue" if row["due_on"] < here else "soon"

    for task in rows["task"]:
        if task["status"] in ("planned", "in_progress"):
            for member in [a["staff_member_id"] for a in rows["task_assignee"] if a["task_id"] == task["task_id"]] or [0]:
                found["tasks"][str(member), due(task)] += 1
    for job in rows["job"]:
        if job["status"] == "active":
            found["jobs"][str(job["pipeline_id"]), due(job)] += 1
    for account in alive:
        open_ones = [one for one in rows["email_access"] if one["account_id"] == account and one["login"] and not one["suspended_at"]]
        came = [one["tried_at"] for one in rows["login"] if one["account_id"] == account and one["outcome"] == "success"]
        ever = bool(open_ones) and bool(came or any(one["first_login_at"] for one in open_ones))
        lately = [bool(open_ones) and any(one >= now() - days * DAY for one in came) for days in (90, 30)]
        found["portal"][tuple("yes" if one else "no" for one in (bool(open_ones), ever, *lately))] += 1
        billed = sum(i["total"] for i in rows["invoice"] if i["account_id"] == account and (here - i["issued_on"]).days < 365)
        if billed > 0:
            found["share"][account] += billed
    return found


def test_what_waits_on_whom_is_the_sum_over_the_clients_for_every_viewer(firm):
    for who in ("owner", "unassigned", *OF_RIGHTS):
        viewer, each = viewer_of(firm, who), Counter()
        with reader(viewer) as r:
            alive = [row["account_id"] for row in r.rows("SELECT account_id FROM account WHERE archived_at IS NULL")]
        for account in alive:
            each.update(("dormant" if row["is_dormant"] else row["turn"], row["kind"]) for row in ledger_of(viewer, account))
        figures = read_figures(viewer, MEASURES["turn"], WANTED, ("turn", "kind"))
        assert each and {(row["turn"], row["kind"]): row["items"] for row in figures} == each, who


def test_who_is_silent_is_in_the_figure_and_its_list(firm):
    habits = {firm.empty: (40, 10, 12), firm.archived: (40, 10, 12), firm.own: (None, 10, 12), firm.foreign: (None, None, None)}
    with writer(SYSTEM) as tx:
        for account, (days, usual, longest) in habits.items():
            tx.insert("account_habit", account_id=account, usual_days=usual, longest_days=longest, active_days=20, made_on=today())
            if days:
                tx.insert(
                    "email", account_id=account, subject="Zuletzt", from_address="a@b.example", to_address="c@d.example", direction="received",
                    sent_at=now() - days * DAY,
                )  # fmt: skip
        tx.insert("login", account_id=firm.own, email="a@b.example", tried_at=now() - DAY, outcome="success")
    owner, wanted = firm.viewer("owner"), Wanted(period=WANTED.period)
    assert [(row["silence"], row["items"]) for row in read_figures(owner, MEASURES["silence"], wanted)] == [("never_so_long", 1)]
    [row] = read_list(owner, pick("silence", "never_so_long"), wanted, limit=None).rows
    assert (row["account_id"], row["days_silent"], row["usual_days"]) == (firm.empty, 40, 10)
    assert read_list(firm.viewer("assigned"), pick("silence"), wanted).total == 0


@pytest.mark.parametrize("who", ["owner", "assigned", "unassigned", "looking", *OF_RIGHTS])
def test_the_measures_are_what_a_plain_count_says(firm, who):
    viewer = viewer_of(firm, who)
    expected = model(viewer)

    def counted(key: str, by: tuple[str, ...], value: str = "items") -> Counter:
        rows = read_figures(viewer, MEASURES[key], WANTED, by)
        return Counter({row[by[0]] if len(by) == 1 else tuple(row[name] for name in by): row[value] for row in rows if row[value]})

    assert counted("unbilled", ("worked",), "minutes") == expected["unbilled"]
    assert counted("tasks", ("member", "due")) == expected["tasks"]
    assert counted("jobs", ("pipeline", "due")) == expected["jobs"]
    amounts = [row["amount"] for row in read_figures(viewer, MEASURES["unbilled"], WANTED)]
    assert any(amounts) == (who in ("owner", "money")), "amounts are for who may see rates"
    assert counted("portal", ("allowed", "ever", "quarter", "month")) == expected["portal"]
    if who in ("owner", *OF_RIGHTS):
        shares = read_list(viewer, pick("share"), WANTED, limit=None).rows
        assert {row["account_id"]: row["billed"] for row in shares} == expected["share"]
        assert counted("ages", ("bucket",)) == expected["ages"]
        assert counted("ages", ("bucket",), "net") == +expected["net"]
        with reader(viewer) as r:
            kept = r.value("SELECT sum(f.net_due) FROM account_figure f JOIN account a USING (account_id) WHERE a.archived_at IS NULL")
        assert sum(expected["net"].values()) == kept, "the figures of Kunden say the same"


def test_answers_are_timed_to_the_first_answer_in_office_time(firm):
    monday = today() - timedelta(today().weekday() + 14)

    def at(day: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(monday + day * DAY, time(hour, minute), zone()).astimezone(UTC).replace(tzinfo=None)

    said = [  # received or sent, when: two questions in a row are one, only the first answer counts, the weekend is no office time
        ("fri", "received", at(4, 16)), ("fri", "received", at(4, 16, 30)), ("fri", "sent", at(7, 9)), ("fri", "sent", at(9, 9)),
        ("night", "received", at(1, 3)), ("night", "sent", at(1, 8, 45)), ("never", "received", at(0, 9)),
    ]  # fmt: skip
    with writer(SYSTEM) as tx:
        for thread, direction, moment in said:
            tx.insert(
                "email", account_id=firm.empty, subject=thread, from_address="a@b.example", to_address="c@d.example", thread=thread,
                direction=direction, sent_at=moment,
            )  # fmt: skip
    query = AccountQuery(conditions=(Condition("number", "has", ("10003",)),))
    listed = read_list(firm.viewer("owner"), pick("response"), Wanted(query, WANTED.period), limit=None)
    assert {row["title"]: (row["minutes"], row["answer"], row["pace"]) for row in listed.rows} == {
        "fri": (120, "answered", "day"), "night": (45, "answered", "day"), "never": (None, "never", "none"),
    }  # fmt: skip


def test_a_week_and_a_day_are_the_firms(firm):
    """Late on Sunday in UTC it is Monday where the firm is."""
    sunday = today() - timedelta(today().weekday() + 8)
    with writer(SYSTEM) as tx:
        tx.insert(
            "note", account_id=firm.empty, text="spät", staff_member_id=firm.owner, saved_at=datetime.combine(sunday, time(23, 30))
        )  # fmt: skip
    query = AccountQuery(conditions=(Condition("number", "has", ("10003",)),))
    figures = read_figures(firm.viewer("owner"), MEASURES["happens"], Wanted(query, WANTED.period))
    assert [(row["week"], row["side"], row["items"]) for row in figures] == [((sunday + DAY).isoformat(), "us", 1)]


@pytest.mark.parametrize("name", ["Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Asia/Tokyo"])
def test_local_time_is_what_icu_says_in_every_hour(name):
    since, until = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2025, 2028))
    wrong = f"""SELECT count(*) FROM (SELECT unnest(generate_series(TIMESTAMP '{since}', TIMESTAMP '{until}', INTERVAL 1 HOUR)) AS m) AS t
        WHERE {local("t.m", since, until, ZoneInfo(name))} <> timezone('{name}', timezone('UTC', t.m))"""
    assert duckdb.sql(wrong).fetchall() == [(0,)]


def test_office_time_is_the_minutes_one_counts():
    hours = (*[(8 * 60, 17 * 60)] * 4, (7 * 60 + 30, 13 * 60), (0, 24 * 60), None)
    first, random = date(2026, 3, 20), Random(3)
    free = frozenset({date(2026, 4, 3), date(2026, 4, 6)})
    calendar = office_days(hours, free, first, date(2026, 4, 20), BERLIN)
    start = datetime(2026, 3, 21, tzinfo=UTC).replace(tzinfo=None)
    minutes = []
    for place in range(28 * 24 * 60):
        there = (start + timedelta(minutes=place)).replace(tzinfo=UTC).astimezone(BERLIN)
        span = None if there.date() in free else hours[there.weekday()]
        minutes.append(span is not None and span[0] <= there.hour * 60 + there.minute < span[1])
    sums = [0]
    for is_open in minutes:
        sums.append(sums[-1] + is_open)
    for _ in range(1000):
        begun, ended = sorted(random.randint(0, len(minutes)) for _ in range(2))
        worked = worked_minutes(calendar, start + timedelta(minutes=begun), start + timedelta(minutes=ended), BERLIN)
        assert worked == sums[ended] - sums[begun], (begun, ended)


def test_holidays_are_those_of_the_land():
    assert date(2026, 11, 1) in public_holidays("BY", [2026]) and date(2026, 11, 1) not in public_holidays("BE", [2026])
    assert public_holidays("", [2026]) == frozenset()


def test_an_address_names_a_list_or_none():
    assert [pick_of(text) for text in ("turn.we", "nothing", "turn.us.document.old.more", "tasks.<script>", "", "turn..")] == [None] * 6
    assert timed_pick_of("response.never@30", today()) is not None and timed_pick_of("response.never@x", today()) is None
    assert pick_of("tasks.-.overdue") == pick("tasks", None, "overdue")
    assert [
        period_of(text, date(2028, 2, 29))
        for text in ("7", "x_y", "2028-02-29_2028-03-01", "2028-02-02_2028-02-01", "1800-01-01_2028-01-01")
    ] == [None] * 5
    assert period_of("year", date(2028, 2, 29)) == Period(date(2028, 1, 1), date(2028, 2, 29))
