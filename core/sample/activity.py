"""Eighteen months of activity: all thirteen kinds, for one client at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

from core.sample import files, texts
from core.sample.calendar import Calendar
from core.sample.people import DISPUTED, HALF_SIGNED, NEW, SILENT, Client
from core.sample.rows import Rows

CENT = Decimal("0.01")
WITH_FILE = 40


class Activity:
    """What happened for the clients, written into the rows; files go into the documents' folder."""

    def __init__(self, rows: Rows, random: Random, calendar: Calendar, members: list[tuple[int, str]], documents: Path) -> None:
        self.rows, self.random, self.calendar = rows, random, calendar
        self.members, self.documents, self.now = members, documents, calendar.now
        self.names = dict(members)
        self.invoice_number = 0
        self.pipelines: list[tuple[int, list[int]]] = []
        for place, (name, stages) in enumerate(texts.PIPELINES.items()):
            pipeline = rows.add("pipeline", name=name, position=place)
            self.pipelines.append((pipeline, [rows.add("stage", pipeline_id=pipeline, name=s, position=i) for i, s in enumerate(stages)]))
        self.shared_file = files.store(documents, "archiv.pdf", files.content("Archivierter Beleg.pdf", "Archiv", f"{self.now:%d.%m.%Y}"))

    def of(self, client: Client, scale: float) -> None:
        """Everything for one client; ``scale`` 1.0 is an ordinary year and a half."""
        times = {
            "documents": 14,
            "tasks": 6,
            "emails": 16,
            "jobs": 4,
            "chats": 4,
            "invoices": 7,
            "approvals": 2,
            "signatures": 2,
            "organizers": 2,
            "logins": 10,
            "notes": 3,
            "time": 14,
            "contracts": 1,
        }
        if client.name == NEW:
            self._contract(client, self.now - timedelta(days=2))
            self._organizer(client)
            return
        jobs = [self._job(client) for _ in range(self._times(times["jobs"], scale))]
        many = self._times(times["documents"], scale)
        moments = sorted((self.calendar.moment() for _ in range(many)), reverse=True)
        for place, moment in enumerate(moments):
            self._document(client, moment, own_file=place < WITH_FILE or (scale > 5 and place < 200))
        for _ in range(self._times(times["tasks"], scale)):
            self._task(client, jobs)
        for _ in range(self._times(times["emails"], scale)):
            self._thread(client)
        for _ in range(self._times(times["chats"], min(scale, 30))):
            self._chat(client)
        for _ in range(self._times(times["invoices"], min(scale, 60))):
            self._invoice(client)
        for _ in range(self._times(times["approvals"], min(scale, 30))):
            self._approval(client)
        for _ in range(self._times(times["signatures"], min(scale, 30))):
            self._sign("signature", client, self.calendar.moment(), self._filled(self.random.choice(texts.SIGNED)))
        for _ in range(self._times(times["organizers"], min(scale, 10))):
            self._organizer(client)
        for _ in range(self._times(times["logins"], scale) if client.state in ("active", "archived") else 0):
            self._login(client)
        for _ in range(self._times(times["notes"], min(scale, 10))):
            self._note(client, self.random.choice(texts.NOTES), self.calendar.moment())
        for _ in range(self._times(times["time"], scale)):
            self._time(client, jobs)
        self._contract(client, self.calendar.moment())
        self._story(client)

    def _times(self, mean: float, scale: float) -> int:
        return max(0, round(self.random.gauss(mean * scale, mean * scale * 0.25)))

    def _filled(self, text: str, moment: datetime | None = None) -> str:
        moment = moment or self.calendar.moment()
        return text.format(month=texts.MONTHS[moment.month - 1], mm=f"{moment.month:02d}", year=moment.year)

    def _staff(self, client: Client) -> int:
        return self.random.choice(client.team or [self.members[0][0]])

    def _person(self, client: Client) -> tuple[int, str, int | None]:
        return self.random.choice(client.contacts)

    def _document(self, client: Client, moment: datetime, own_file: bool) -> None:
        from_client = self.random.random() < 0.72
        name = self._filled(self.random.choice(texts.UPLOADS if from_client else texts.SHARED), moment)
        recent = (self.now - moment).days < 20
        seen = None if from_client and recent and self.random.random() < 0.6 else self.calendar.soon(moment, 60)
        status = self.random.choices(
            ["none", "pending_approval", "approved", "disapproved", "pending_signature", "signed", "pending_payment"],
            [70, 6, 9, 3, 4, 5, 3],
        )[0]
        staff = self._staff(client)
        document = self.rows.add(
            "document",
            account_id=client.account_id,
            name=name,
            uploaded_at=moment,
            is_from_client=from_client,
            staff_member_id=None if from_client else staff,
            contact_id=self._person(client)[0] if from_client else None,
            is_shared=not from_client,
            status=status,
            seen_at=seen if from_client else None,
            seen_by=staff if from_client and seen else None,
        )
        described = self.shared_file
        if own_file:
            ending = name.rsplit(".", 1)[-1]
            data = files.content(name, client.name, f"{moment:%d.%m.%Y}")
            described = files.store(self.documents, f"{client.account_id}/{document}.{ending}", data)
        self.rows.tables["document"][-1] |= described

    def _task(self, client: Client, jobs: list[int]) -> None:
        created = self.calendar.moment()
        status = self.random.choices(["planned", "in_progress", "waiting", "completed", "canceled"], [22, 18, 8, 47, 5])[0]
        if status in ("planned", "in_progress"):
            due = self.now.date() + timedelta(days=self.random.randint(-9, 45))
            created = self.now - timedelta(days=self.random.randint(10, 50))
        else:
            due = created.date() + timedelta(days=self.random.randint(3, 30))
        task = self.rows.add(
            "task",
            account_id=client.account_id,
            title=self._filled(self.random.choice(texts.TASKS), created),
            due_on=due,
            priority=self.random.choices(["low", "normal", "high", "urgent"], [12, 62, 20, 6])[0],
            status=status,
            job_id=self.random.choice(jobs) if jobs and self.random.random() < 0.4 else None,
            created_at=created,
            completed_at=self.calendar.soon(created, 400) if status == "completed" else None,
        )
        people = {self._staff(client) for _ in range(self.random.choices([1, 2], [80, 20])[0])}
        for member in sorted(people):
            self.rows.add("task_assignee", account_id=client.account_id, task_id=task, staff_member_id=member)

    def _job(self, client: Client) -> int:
        pipeline, stages = self.random.choice(self.pipelines)
        name = list(texts.PIPELINES)[[p for p, _ in self.pipelines].index(pipeline)]
        created = self.calendar.moment()
        status = self.random.choices(["active", "completed", "archived"], [42, 48, 10])[0]
        place = self.random.randrange(len(stages)) if status == "active" else len(stages) - 1
        return self.rows.add(
            "job",
            account_id=client.account_id,
            name=f"{name} {created.year}",
            pipeline_id=pipeline,
            stage_id=stages[place],
            status=status,
            created_at=created,
            stage_since_at=self.calendar.soon(created, 900),
            due_on=self.now.date() + timedelta(days=self.random.randint(-12, 80)),
        )

    def _thread(self, client: Client) -> None:
        _, name, _ = self._person(client)
        subject, body = self.random.choice(texts.MAILS)
        moment = self.calendar.moment()
        thread = f"{client.account_id}-{moment:%Y%m%d%H%M%S}"
        mine = "kanzlei@musterkanzlei.example"
        theirs = f"{name.split()[0].lower()}@beispielpost.example"
        never_answers = client.name == SILENT
        for turn in range(1 if never_answers else self.random.choices([1, 2, 3], [40, 40, 20])[0]):
            received = turn % 2 == 0 and not never_answers
            old = (self.now - moment).days > 6
            text = body.format(client=name, month=texts.MONTHS[moment.month - 1])
            if not received:
                text = self.random.choice(texts.ANSWERS).format(staff=self.names[self._staff(client)])
            self.rows.add(
                "email",
                account_id=client.account_id,
                subject=("AW: " if turn else "") + self._filled(subject, moment),
                direction="received" if received else "sent",
                from_address=theirs if received else mine,
                to_address=mine if received else theirs,
                sent_at=moment,
                is_read=old or self.random.random() < 0.5,
                has_failed=not received and self.random.random() < 0.02,
                thread=thread,
                body=text,
            )
            moment = self.calendar.soon(moment, 40)

    def _chat(self, client: Client) -> None:
        moment = created = self.calendar.moment()
        chat = self.rows.add("chat", account_id=client.account_id, subject=self.random.choice(texts.CHATS), created_at=created)
        row = self.rows.tables["chat"][-1]
        for turn in range(self.random.randint(1, 6)):
            contact, name, _ = self._person(client)
            staff = self._staff(client)
            from_client = client.name != SILENT and (turn + len(client.name)) % 2 == 0
            text = self.random.choice(texts.CLIENT_SAYS if from_client else texts.STAFF_SAYS)
            self.rows.add(
                "chat_message",
                account_id=client.account_id,
                chat_id=chat,
                sent_at=moment,
                is_from_client=from_client,
                staff_member_id=None if from_client else staff,
                contact_id=contact if from_client else None,
                text=text,
            )
            row |= {
                "last_message_at": moment,
                "last_message": text,
                "last_is_from_client": from_client,
                "last_by_name": name if from_client else self.names[staff],
            }
            moment = self.calendar.soon(moment, 30)
        old = (self.now - row["last_message_at"]).days > 25
        row |= {"read_at": row["last_message_at"] + timedelta(seconds=30) if old or self.random.random() < 0.5 else None, "is_closed": old}

    def _invoice(self, client: Client, status: str | None = None) -> None:
        created = self.calendar.moment()
        status = status or self.random.choices(["paid", "unpaid", "partially_paid", "in_progress", "scheduled"], [74, 14, 6, 3, 3])[0]
        if status != "paid":
            created = self.now - timedelta(days=self.random.randint(3, 60))
        self.invoice_number += 1
        lines = [
            (
                self._filled(self.random.choice(texts.LINES), created),
                Decimal(self.random.randint(60, 900)) + CENT * self.random.choice([0, 50]),
            )
            for _ in range(self.random.randint(1, 3))
        ]
        total = (sum(amount for _, amount in lines) * Decimal("1.19")).quantize(CENT, ROUND_HALF_UP)
        paid = total if status == "paid" else (total / 3).quantize(CENT, ROUND_HALF_UP) if status == "partially_paid" else Decimal("0.00")
        issued = created.date()
        invoice = self.rows.add(
            "invoice",
            account_id=client.account_id,
            number=f"{issued.year}-{self.invoice_number:05d}",
            issued_on=issued,
            due_on=issued + timedelta(days=14),
            total=total,
            paid_amount=paid,
            status=status,
            created_at=created,
        )
        for place, (text, amount) in enumerate(lines, 1):
            self.rows.add(
                "invoice_line",
                account_id=client.account_id,
                invoice_id=invoice,
                position=place,
                text=text,
                quantity=Decimal(1),
                unit_price=amount,
                amount=amount,
            )
        if paid:
            day = min(issued + timedelta(days=self.random.randint(2, 25)), self.now.date())
            self.rows.add(
                "payment",
                account_id=client.account_id,
                invoice_id=invoice,
                paid_on=day,
                amount=paid,
                method="Überweisung",
                reference=f"RE {issued.year}-{self.invoice_number:05d}",
                created_at=created,
            )

    def _approval(self, client: Client) -> None:
        asked = self.calendar.moment()
        status = self.random.choices(["pending", "approved", "disapproved"], [30, 58, 12])[0]
        self.rows.add(
            "approval",
            account_id=client.account_id,
            document_name=self._filled(self.random.choice(texts.SHARED), asked),
            asked_at=asked,
            status=status,
            reason="Die Zahlen für die Filiale fehlen." if status == "disapproved" else None,
            decided_at=None if status == "pending" else self.calendar.soon(asked, 100),
            decided_by=None if status == "pending" else self._person(client)[0],
        )

    def _sign(self, kind: str, client: Client, sent: datetime, name: str, signed: int | None = None) -> None:
        signers = [(contact, address) for contact, _, address in client.contacts[:2] if address]
        done = self.random.randint(0, len(signers)) if signed is None else signed
        status = (
            "signed"
            if signers and done == len(signers)
            else "partially_signed"
            if done
            else self.random.choices(["pending", "declined"], [85, 15])[0]
        )
        column = "document_name" if kind == "signature" else "name"
        made = self.rows.add(kind, account_id=client.account_id, **{column: name}, sent_at=sent, needs="all", status=status)
        for place, (contact, address) in enumerate(signers):
            self.rows.add(
                "signatory",
                account_id=client.account_id,
                signature_id=made if kind == "signature" else None,
                contract_id=made if kind == "contract" else None,
                contact_id=contact,
                contact_email_id=address,
                signed_at=self.calendar.soon(sent, 120) if place < done else None,
            )

    def _contract(self, client: Client, sent: datetime) -> None:
        half = client.name == HALF_SIGNED
        self._sign("contract", client, sent, self.random.choice(texts.CONTRACTS), 1 if half and len(client.contacts) > 1 else None)

    def _organizer(self, client: Client) -> None:
        sent = self.calendar.moment()
        status = self.random.choices(["pending", "submitted", "sealed"], [45, 35, 20])[0]
        questions = self.random.randint(8, 40)
        self.rows.add(
            "organizer",
            account_id=client.account_id,
            name=self._filled(self.random.choice(texts.ORGANIZERS), sent),
            sent_at=sent,
            updated_at=self.calendar.soon(sent, 300),
            question_count=questions,
            answered_count=self.random.randint(0, questions - 1) if status == "pending" else questions,
            status=status,
        )

    def _login(self, client: Client) -> None:
        contact, name, address = self._person(client)
        self.rows.add(
            "login",
            account_id=client.account_id,
            contact_id=contact,
            contact_email_id=address,
            email=f"{name.split()[0].lower()}@beispielpost.example",
            tried_at=self.calendar.moment(),
            network_address=f"203.0.113.{self.random.randint(1, 254)}",
            device=self.random.choice(texts.DEVICES),
            outcome="success" if self.random.random() < 0.92 else "failed",
        )

    def _note(self, client: Client, text: str, moment: datetime, pinned: bool | None = None) -> None:
        pinned = self.random.random() < 0.12 if pinned is None else pinned
        self.rows.add(
            "note", account_id=client.account_id, text=text, staff_member_id=self._staff(client), saved_at=moment, is_pinned=pinned
        )

    def _time(self, client: Client, jobs: list[int]) -> None:
        moment = self.calendar.moment()
        minutes = self.random.choice([10, 15, 20, 30, 45, 60, 90, 120])
        rate = Decimal(self.random.choice([75, 90, 110, 140]))
        self.rows.add(
            "time_entry",
            account_id=client.account_id,
            worked_on=moment.date(),
            staff_member_id=self._staff(client),
            job_id=self.random.choice(jobs) if jobs and self.random.random() < 0.5 else None,
            text=self.random.choice(texts.WORK),
            minutes=minutes,
            rate=rate,
            amount=(rate * minutes / 60).quantize(CENT, ROUND_HALF_UP),
            is_billed=(self.now - moment).days > 30,
            created_at=moment,
        )

    def _story(self, client: Client) -> None:
        if client.name == SILENT:
            self._note(
                client,
                "Antwortet seit Monaten nicht; Unterlagen für das Vorjahr fehlen weiterhin.",
                self.now - timedelta(days=6),
                pinned=True,
            )
        if client.name == DISPUTED:
            self._invoice(client, "unpaid")
            self._note(
                client,
                "Rechnung wird bestritten: Beratung nach Aufwand sei nicht vereinbart. Erst klären, dann mahnen.",
                self.now - timedelta(days=4),
                pinned=True,
            )
        if self.random.random() < 0.18 or client.name == DISPUTED:
            self.rows.add(
                "credit",
                account_id=client.account_id,
                booked_on=self.now.date() - timedelta(days=20),
                amount=Decimal(self.random.choice([80, 150, 300, 800])),
                text="Überzahlung",
                created_at=self.now - timedelta(days=20),
            )
