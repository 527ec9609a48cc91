"""What the firm does for the sample's clients: jobs in their pipelines, tasks, hours, notes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from core.sample import texts
from core.sample.names import BUSY, NEW, SILENT
from core.sample.office import MONTHS, Client, Office
from core.sample.rhythm import DAY, month_start

CENT = Decimal("0.01")


class Work:
    """Adds the work for one client after the other."""

    def __init__(self, office: Office) -> None:
        self.office, self.rows, self.random, self.calendar = office, office.rows, office.random, office.calendar

    def of(self, client: Client) -> None:
        """Jobs, tasks, hours and notes of one client."""
        if client.name == NEW:
            self.job(
                client, "Einkommensteuer", f"Einkommensteuer {self.calendar.today.year}", client.since, self.calendar.today + 200 * DAY
            )
            self.task(client, "Vollmacht und Ausweis prüfen", client.since, self.calendar.today + 4 * DAY, "planned", "high")
            return
        self._jobs(client)
        busy = client.name == BUSY
        for _ in range(1200 if busy else self.office.count(6 * client.scale)):
            self._task(client)
        for _ in range(16_500 if busy else self.office.count((26 if client.trades else 8) * client.scale)):
            self.hours(client, self.office.moment(client), quick=busy)
        for _ in range(25 if busy else self.office.count(1.7 * client.scale)):
            is_pinned = self.random.random() < 0.14
            self.note(client, self.random.choice(texts.NOTES), self.office.moment(client), is_pinned=is_pinned)

    def _jobs(self, client: Client) -> None:
        year = self.calendar.today.year
        for back in (2, 1, 0):
            kind = "Jahresabschluss" if client.trades else "Einkommensteuer"
            starts = self.calendar.utc(date(year - back, 1, 8), 540 + self.random.randint(0, 300)) + self.random.randint(0, 70) * DAY
            due = (
                date(year - back, 7, 31)
                if back
                else date(year, 12, 31)
                if client.trades
                else self.random.choice([date(year, 7, 31), date(year + 1, 2, 28)])
            )
            self.job(client, kind, f"{kind} {year - back - 1}", starts, due)
        for month in self.calendar.months() if client.trades else []:
            due = month + 9 * DAY
            starts = self.calendar.utc(month, self.random.randint(480, 900)) + self.random.randint(0, 3) * DAY
            before = month_start(month, -1)
            self.job(client, "USt-Voranmeldung", f"USt-Voranmeldung {MONTHS[before.month - 1]} {before.year}", starts, due)
            if client.account_id % 3 == 0:
                name = f"Lohn {MONTHS[month.month - 1]} {month.year}"
                self.job(client, "Lohn", name, self.calendar.utc(month + 18 * DAY, 600), month + 26 * DAY)

    def job(self, client: Client, pipeline: str, name: str, starts: datetime, due: date) -> None:
        """A job from its start to where it must be by now; most are done shortly before they are due."""
        if not client.since <= starts < client.until:
            return
        pipeline_id, stages = self.office.pipelines[pipeline]
        done_on = (
            self.calendar.utc(due, 720)
            - self.random.triangular(-6, 40 if pipeline in ("Jahresabschluss", "Einkommensteuer") else 5, 1) * DAY
        )
        slow = client.name == SILENT or (self.random.random() < 0.05 and done_on > self.calendar.end - 120 * DAY)
        finished = max(done_on, starts + 0.2 * DAY)
        is_done = finished < client.until and not slow
        status = "active"
        if is_done or client.state == "archived":
            status = "archived" if client.state == "archived" or (self.calendar.end - finished).days > 150 else "completed"
        passed = (client.until - starts) / max(finished - starts, DAY)
        place = len(stages) - 1 if is_done else 0 if client.name == SILENT else min(int(passed * len(stages)), len(stages) - 1)
        since = min(finished, client.until) if is_done else starts if place == 0 else self.calendar.moment(since=starts, until=client.until)
        job = self.rows.add(
            "job", account_id=client.account_id, name=name, pipeline_id=pipeline_id, stage_id=stages[place], status=status,
            created_at=starts, stage_since_at=since.replace(microsecond=0), due_on=due,
        )  # fmt: skip
        client.jobs.append((job, name, starts))

    def _task(self, client: Client) -> None:
        created = self.office.moment(client)
        is_old = client.until - created > timedelta(days=40) or client.state == "archived"
        weights = [1, 1, 2, 91, 5] if is_old else [34, 27, 12, 24, 3]
        status = self.random.choices(["planned", "in_progress", "waiting", "completed", "canceled"], weights)[0]
        due = self.calendar.local_day(created) + self.random.randint(3, 30) * DAY
        if status in ("planned", "in_progress"):
            due = self.calendar.today + self.random.randint(-6, 34) * DAY
        elif client.kind == "person" and self.random.random() < 0.3:
            deadline = date(due.year, 7, 31)
            due = deadline if created < self.calendar.utc(deadline, 0) else due
        priority = self.random.choices(["low", "normal", "high", "urgent"], [12, 62, 20, 6])[0]
        title = self.office.fill(self.random.choice(texts.TASKS[client.kind]), created)
        self.task(client, title, created, due, status, priority)

    def task(self, client: Client, title: str, created: datetime, due: date, status: str, priority: str = "normal") -> int:
        """A task with one or two who do it."""
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
        """One entry of time; billed ones get their invoice when it is written."""
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
            text=text or self.office.fill(self.random.choice(texts.WORK[client.kind]), moment),
            amount=(rate * minutes / 60).quantize(CENT, ROUND_HALF_UP), invoice_id=None, is_billed=False, created_at=moment,
        )  # fmt: skip

    def note(self, client: Client, text: str, moment: datetime, *, is_pinned: bool = False) -> None:
        """A note of the firm's own."""
        self.rows.add(
            "note", account_id=client.account_id, text=text, staff_member_id=self.office.staff(client), saved_at=moment, is_pinned=is_pinned
        )
