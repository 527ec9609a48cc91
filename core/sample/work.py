"""Jobs in their pipelines, tasks, hours and notes of the sample's clients."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from core.sample import texts
from core.sample.names import BUSY, NEW, SILENT
from core.sample.notes import Notes
from core.sample.office import HUGE, MONTHS, Client, Office
from core.sample.rhythm import DAY, month_start, office_day
from core.store import Row

CENT = Decimal("0.01")
YEARLY = ("Jahresabschluss", "Steuererklärung")
STATEMENTS = {"company": "Jahresabschluss", "person": "Einkommensteuer", "club": "Körperschaftsteuer", "estate": "Feststellungserklärung"}
# Beginnings of titles of tasks that are due for a certain month: none is long overdue.
MONTHLY = ("Lohn ", "USt-Voranmeldung ")
# How late in its time a job moves on, each taken once before the list begins again: 1 is evenly, 4 near the end.
LATENESS = [2 ** (third / 3) for third in range(-3, 7)]


class Work:
    """Add the work for one client after the other to the rows."""

    def __init__(self, office: Office) -> None:
        self.office, self.rows, self.random, self.calendar = office, office.rows, office.random, office.calendar
        self.notes = Notes(office)
        self._lateness: dict[str, list[float]] = {}

    def of(self, client: Client) -> None:
        """Add jobs, tasks, hours and notes of one client."""
        if client.name == NEW:
            self.job(
                client, "Steuererklärung", f"Einkommensteuer {self.calendar.today.year}", client.since, self.calendar.today + 200 * DAY
            )
            self.task(client, "Vollmacht und Ausweis prüfen", client.since, self.calendar.today + 4 * DAY, "planned", "high")
            return
        self._jobs(client)
        busy = client.name == BUSY
        if busy:
            self._keep_open(client)
        for _ in range(HUGE["tasks"] if busy else self.office.count(6 * client.scale)):
            self._task(client)
        for _ in range(HUGE["hours"] if busy else self.office.count((84 if client.trades else 12) * client.scale)):
            self.hours(client, self.office.moment(client), quick=busy)
        for _ in range(HUGE["notes"] if busy else self.office.count(1.6 * min(client.scale, 2.5))):
            moment, is_pinned = self.office.moment(client), self.random.random() < 0.14
            if text := self.notes.next(client, moment):
                self.note(client, text, moment, is_pinned=is_pinned)

    def _jobs(self, client: Client) -> None:
        year = self.calendar.today.year
        kind, pipeline = STATEMENTS[client.sort], YEARLY[not client.trades]
        for back in (2, 1, 0):
            day = date(year - back, 1, 8) + self.random.randint(0, 70) * DAY
            due = date(year - back, 12, 31)
            if not client.trades:
                due = self.random.choice([date(year - back, 7, 31), date(year - back + 1, 2, 28)])
            self.job(client, pipeline, f"{kind} {year - back - 1}", self._morning(day), due)
        for month in self.calendar.months() if client.trades else []:
            before = month_start(month, -1)
            starts = self._morning(month + self.random.randint(0, 3) * DAY)
            due = office_day(month_start(month, int(client.has_extension)) + 9 * DAY)
            if client.pays_vat:
                self.job(client, "USt-Voranmeldung", f"USt-Voranmeldung {MONTHS[before.month - 1]} {before.year}", starts, due)
            if client.has_wages:
                name = f"Lohn {MONTHS[month.month - 1]} {month.year}"
                self.job(client, "Lohn", name, self._morning(month + 16 * DAY), _month_end(month))

    def _keep_open(self, client: Client) -> None:
        """Keep the client's newest yearly and its newest monthly job active, whatever the day."""
        last_but_one = {pipeline: stages[-2] for pipeline, stages in self.office.pipelines.values()}
        yearly = {pipeline for name, (pipeline, _) in self.office.pipelines.items() if name in YEARLY}
        newest: dict[bool, Row] = {}
        for row in sorted(
            (row for row in self.rows.tables["job"] if row["account_id"] == client.account_id), key=lambda row: row["created_at"]
        ):
            newest[row["pipeline_id"] in yearly] = row
        for row in newest.values():
            if row["status"] != "active":
                row |= {"status": "active", "stage_id": last_but_one[row["pipeline_id"]]}

    def _morning(self, day: date) -> datetime:
        return self.calendar.utc(office_day(day), self.random.randint(480, 840))

    def job(self, client: Client, pipeline: str, name: str, starts: datetime, due: date) -> None:
        """Add a job in the stage it has reached by now; most are done shortly before they are due."""
        if not client.since <= starts < client.until:
            return
        pipeline_id, stages = self.office.pipelines[pipeline]
        is_yearly = pipeline in YEARLY
        early = self.random.triangular(-6, 110, 20) if is_yearly else self.random.triangular(-1, 6, 2)
        finished = max(self.calendar.utc(due, 720) - early * DAY, starts + 0.2 * DAY)
        is_stuck = self.random.random() < 0.05 and self.calendar.utc(due, 720) > self.calendar.end - (120 if is_yearly else 25) * DAY
        is_done = finished < client.until and not is_stuck and client.name != SILENT
        status = "active"
        if is_done or client.state == "archived":
            status = "archived" if client.state == "archived" or (self.calendar.end - finished).days > 150 else "completed"
        entered = self._entered(pipeline, name, starts, finished, len(stages))
        place = sum(moment <= client.until for moment in entered) - 1
        if client.name == SILENT:
            place = 0
        elif is_stuck:
            place = min(place, self.random.randint(0, len(stages) - 2))
        since = self.calendar.at_work(entered[place], starts, client.until) if place else starts
        job = self.rows.add(
            "job", account_id=client.account_id, name=name, pipeline_id=pipeline_id, stage_id=stages[place], status=status,
            created_at=starts, stage_since_at=since, due_on=due,
        )  # fmt: skip
        client.jobs.append((job, name, starts))

    def _entered(self, pipeline: str, name: str, starts: datetime, finished: datetime, stages: int) -> list[datetime]:
        """Draw when a job enters each stage: evenly for a client who sends everything at once, late for one who must be reminded."""
        if not self._lateness.get(name):
            self._lateness[name] = self.random.sample(LATENESS, len(LATENESS))
        # A year's end hurries more than a month's.
        lateness = self._lateness[name].pop() * (1.5 if pipeline in YEARLY else 1.0)
        # Sent or transmitted is done.
        last = [] if pipeline in YEARLY else [1.0]
        shares = sorted(self.random.random() ** (1 / lateness) for _ in range(stages - 1 - len(last))) + last
        return [starts, *(starts + (finished - starts) * share for share in shares)]

    def _task(self, client: Client) -> None:
        created = self.office.moment(client)
        is_old = client.until - created > timedelta(days=40) or client.state == "archived"
        weights = [1, 1, 0, 93, 5] if is_old else [34, 27, 12, 24, 3]
        status = self.random.choices(["planned", "in_progress", "waiting", "completed", "canceled"], weights)[0]
        title = self.office.fill(self.office.choose(client, texts.TASKS), created)
        day = self.calendar.local_day(created)
        due = day + self.random.randint(3, 30) * DAY
        if title.startswith("Lohn "):
            due = office_day(_month_end(month_start(day, 1)) - self.random.randint(0, 4) * DAY, -DAY)
        elif title.startswith("USt-Voranmeldung "):
            due = month_start(day, int(day.day > 10)) + 9 * DAY
        elif status in ("planned", "in_progress"):
            due = max(self.calendar.today + self.random.randint(-6, 34) * DAY, day + DAY)
        elif client.kind == "person" and self.random.random() < 0.3:
            deadline = date(due.year, 7, 31)
            due = deadline if day < deadline else due
        if status != "canceled" and title.startswith(MONTHLY) and due < self.calendar.today - 14 * DAY:
            status = "completed"
        priority = self.random.choices(["low", "normal", "high", "urgent"], [12, 62, 20, 6])[0]
        self.task(client, title, created, office_day(due), status, priority)

    def task(self, client: Client, title: str, created: datetime, due: date, status: str, priority: str = "normal") -> int:
        """Add a task with one or two assignees; returns its id."""
        completed = None
        if status == "completed":
            completed = self.calendar.later(created, 110) or self.calendar.moment(since=created)
        fitting = [job for job, _, starts in client.jobs if abs((starts - created).days) < 45]
        task = self.rows.add(
            "task", account_id=client.account_id, title=title, due_on=due, priority=priority, status=status, created_at=created,
            job_id=self.random.choice(fitting) if fitting and self.random.random() < 0.5 else None, completed_at=completed,
        )  # fmt: skip
        for member in sorted({self.office.staff(client) for _ in range(self.random.choices([1, 2], [82, 18])[0])}):
            self.rows.add("task_assignee", account_id=client.account_id, task_id=task, staff_member_id=member)
        return task

    def hours(self, client: Client, moment: datetime, *, quick: bool = False, text: str = "") -> None:
        """Add a time entry; it gets its invoice when that is made."""
        member = self.office.staff(client)
        minutes = self.random.choice([5, 5, 10, 10, 15, 20]) if quick else self.random.choice([10, 15, 20, 30, 30, 45, 60, 75, 90, 120])
        rate = self.office.rates[member]
        fitting = (
            [job for job, _, starts in client.jobs[-60:] if 0 <= (moment - starts).days < 45]
            if not quick or self.random.random() < 0.1
            else []
        )
        self.rows.add(
            "time_entry", account_id=client.account_id, worked_on=self.calendar.local_day(moment), staff_member_id=member,
            job_id=self.random.choice(fitting) if fitting else None, minutes=minutes, rate=rate,
            text=text or self.office.fill(self.office.choose(client, texts.WORK), moment),
            amount=(rate * minutes / 60).quantize(CENT, ROUND_HALF_UP), invoice_id=None, is_billed=False, created_at=moment,
        )  # fmt: skip

    def note(self, client: Client, text: str, moment: datetime, *, is_pinned: bool = False) -> None:
        """Add an internal note."""
        self.rows.add(
            "note", account_id=client.account_id, text=text, staff_member_id=self.office.staff(client), saved_at=moment, is_pinned=is_pinned
        )


def _month_end(month: date) -> date:
    """Return the last day of the month on which the office works."""
    return office_day(month_start(month, 1) - DAY, -DAY)
