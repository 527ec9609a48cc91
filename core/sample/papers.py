"""Documents, approvals, signatures, contracts and organizers of the sample's clients."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.sample import texts
from core.sample.contents import content, store
from core.sample.kinds import kind_of
from core.sample.names import BUSY, NEW, SILENT
from core.sample.office import HUGE, Client, Office, Person
from core.sample.rhythm import DAY, month_start
from core.store import Row

# A client's newest documents with a file of their own; older ones of a kind share one.
OWN_FILES = 200


class Papers:
    """Add the papers of one client after the other to the rows, and write their files."""

    def __init__(self, office: Office) -> None:
        self.office, self.rows, self.random, self.calendar = office, office.rows, office.random, office.calendar
        self.shared_files: dict[tuple[int, str], Row] = {}

    def of(self, client: Client) -> None:
        """Add every paper of a client and write its files."""
        first = len(self.rows.tables.setdefault("document", []))
        if client.name == BUSY:
            for _ in range(HUGE["uploads"]):
                moment = self.office.moment(client, is_client=True)
                self.upload(client, moment, self.random.choice(texts.SHOP_UPLOADS))
        self._uploads(client)
        # Whatever the day, the huge client has some of everything, and something new.
        least = 3 if client.name == BUSY else 0
        if least:
            uploads = [row for row in self.rows.tables["document"][first:] if row["is_from_client"]]
            max(uploads, key=lambda row: (row["uploaded_at"], row["document_id"])).update(seen_at=None, seen_by=None)
        if client.name not in (SILENT, NEW):
            for _ in range(max(self.office.count(2.2), least)):
                self._approval(client)
            for _ in range(max(self.office.count(1.6), least)):
                self._signature(client)
            self.contract(client, self.office.moment(client))
        for _ in range(1 if client.name == NEW else max(self.office.count(1.8) + 1, least)):
            self._organizer(client)
        self._files(client, self.rows.tables["document"][first:])

    def _uploads(self, client: Client) -> None:
        until = client.until if client.name != SILENT else min(client.until, self.calendar.end - timedelta(days=300))
        scale = min(client.scale, 2.0)
        if client.name == NEW:
            self.upload(client, self.calendar.end - timedelta(hours=15), "Personalausweis.png")
            self.upload(client, self.calendar.end - timedelta(hours=14, minutes=48), "Lohnsteuerbescheinigung {last_year}.pdf")
            return
        for month in self.calendar.months() if client.trades else []:
            starts, closes = self.calendar.utc(month, 300), self.calendar.utc(month + 9 * DAY, 1300)
            ends = self.calendar.utc(month_start(month, 1), 0)
            if starts < client.since or starts >= until:
                continue
            for _ in range(self.office.count(1.3 * scale)):
                moment = self.calendar.moment(is_client=True, since=starts, until=min(closes, until))
                self.upload(client, moment, self.random.choice(texts.UPLOADS["company"]))
            if self.random.random() < 0.7:
                self.share(client, self.calendar.moment(since=starts, until=min(ends, until)), self.random.choice(texts.SHARED["company"]))
        for _ in range(self.office.count((6 if client.trades else 9) * scale)):
            moment = self.calendar.moment(is_client=True, since=client.since, until=until)
            self.upload(client, moment, self.random.choice(texts.UPLOADS[client.kind]))
        for _ in range(self.office.count(2 * scale)):
            self.share(client, self.calendar.moment(since=client.since, until=until), self.random.choice(texts.SHARED[client.kind]))

    def upload(self, client: Client, moment: datetime, name: str) -> None:
        """Add a document from the client; recent ones may not have been seen yet."""
        seen = self.calendar.later(moment, 9)
        days = (self.calendar.end - moment).days
        if days < 12 and self.random.random() < 0.55:
            seen = None
        self._add(client, moment, name, contact_id=self.office.person(client).contact_id, is_from_client=True, seen_at=seen,
                  seen_by=self.office.staff(client) if seen else None)  # fmt: skip

    def share(self, client: Client, moment: datetime, name: str, status: str = "none") -> int:
        """Add a document from the firm; returns its id."""
        if status == "none" and self.random.random() < 0.04:
            status = "pending_payment"
        return self._add(client, moment, name, staff_member_id=self.office.staff(client), is_shared=True, status=status)

    def _add(self, client: Client, moment: datetime, name: str, **values: object) -> int:
        row = {"is_from_client": False, "staff_member_id": None, "contact_id": None, "is_shared": False, "status": "none",
               "seen_at": None, "seen_by": None} | values  # fmt: skip
        return self.rows.add("document", account_id=client.account_id, name=self.office.fill(name, moment), uploaded_at=moment, **row)

    def _files(self, client: Client, documents: list[Row]) -> None:
        documents = sorted(documents, key=lambda row: (row["uploaded_at"], row["document_id"]), reverse=True)
        folder = self.office.documents
        for place, row in enumerate(documents):
            ending = row["name"].rsplit(".", 1)[-1]
            day = f"{self.calendar.local_day(row['uploaded_at']):%d.%m.%Y}"
            if place < OWN_FILES:
                row.update(store(folder, f"{client.account_id}/{row['document_id']}.{ending}", content(row["name"], client.name, day)))
                continue
            # Older ones of a kind are one file.
            kind = kind_of(row["name"])
            if (client.account_id, kind) not in self.shared_files:
                number = len(self.shared_files) + 1
                data = content(f"{kind}.{ending}", client.name, day)
                self.shared_files[client.account_id, kind] = store(folder, f"{client.account_id}/archiv-{number}.{ending}", data)
            row.update(self.shared_files[client.account_id, kind])

    def _approval(self, client: Client) -> None:
        asked = self.office.moment(client)
        decided = self.calendar.later(asked, 70, is_client=True)
        status = self.random.choices(["approved", "disapproved"], [84, 16])[0] if decided and self.random.random() < 0.88 else "pending"
        name = self.office.fill(self.random.choice(texts.APPROVALS[client.kind]), asked)
        document = self.share(client, asked, name, {"pending": "pending_approval"}.get(status, status))
        is_open = status == "pending"
        self.rows.add(
            "approval", account_id=client.account_id, document_id=document, document_name=name, asked_at=asked, status=status,
            reason=self.random.choice(texts.REFUSALS) if status == "disapproved" else None, decided_at=None if is_open else decided,
            decided_by=None if is_open else self.office.person(client).contact_id,
        )  # fmt: skip

    def _signature(self, client: Client) -> None:
        signers = [person for person in client.people if person.signs]
        sent = self.office.moment(client)
        needs = "one" if len(signers) > 1 and self.random.random() < 0.3 else "all"
        fate = self.random.choices(["", "declined", "voided"], [88, 5, 7])[0]
        moments = self._signed(sent, signers, needs, 0.0 if fate else 0.86)
        status = fate or self._status(moments, needs)
        name = self.office.fill(self.random.choice(texts.SIGNATURES[client.kind]), sent)
        shown = {"pending": "pending_signature", "declined": "voided"}.get(status, status)
        document = self.share(client, sent, name, shown)
        signature = self.rows.add(
            "signature", account_id=client.account_id, document_id=document, document_name=name, sent_at=sent, needs=needs, status=status
        )
        self._signatories(client, signers, moments, signature_id=signature)

    def contract(self, client: Client, sent: datetime, name: str = "", done: int | None = None) -> int:
        """Add a contract sent to all signatories of the client, of whom the first ``done`` (default: drawn) have signed; returns its id."""
        signers = [person for person in client.people if person.signs]
        fate = "declined" if done is None and self.random.random() < 0.06 else ""
        moments = self._signed(sent, signers, "all", 0.0 if fate else 0.84)
        if done is not None:
            moments = [self.calendar.later(sent, 6, is_client=True) if place < done else None for place in range(len(signers))]
        name = self.office.fill(name or self.random.choice(texts.CONTRACTS[client.kind]), sent)
        status = fate or self._status(moments, "all")
        contract = self.rows.add("contract", account_id=client.account_id, name=name, sent_at=sent, needs="all", status=status)
        self._signatories(client, signers, moments, contract_id=contract)
        return contract

    def _signed(self, sent: datetime, signers: list[Person], needs: str, chance: float) -> list[datetime | None]:
        moments = [self.calendar.later(sent, 60, is_client=True) if self.random.random() < chance else None for _ in signers]
        return moments[:1] + [None] * (len(moments) - 1) if needs == "one" else moments

    @staticmethod
    def _status(moments: list[datetime | None], needs: str) -> str:
        done = sum(moment is not None for moment in moments)
        if done and (needs == "one" or done == len(moments)):
            return "signed"
        return "partially_signed" if done else "pending"

    def _signatories(self, client: Client, signers: list[Person], moments: list[datetime | None], **which: int) -> None:
        columns = {"signature_id": None, "contract_id": None} | which
        for person, moment in zip(signers, moments, strict=True):
            self.rows.add(
                "signatory", account_id=client.account_id, contact_id=person.contact_id, contact_email_id=person.address_id,
                signed_at=moment, **columns,
            )  # fmt: skip

    def _organizer(self, client: Client) -> None:
        sent = self.office.moment(client) if client.name != NEW else client.since + timedelta(minutes=25)
        questions = self.random.randint(8, 40)
        updated = self.calendar.later(sent, 200, is_client=True) if client.name not in (SILENT, NEW) else None
        status = "pending" if updated is None else self.random.choices(["pending", "submitted", "sealed"], [25, 45, 30])[0]
        answered = questions if status != "pending" else 0 if updated is None else self.random.randint(1, questions - 1)
        is_old = client.name != BUSY and status == "sealed" and (self.calendar.end - sent).days > 330
        self.rows.add(
            "organizer", account_id=client.account_id, name=self.office.fill(self.random.choice(texts.ORGANIZERS[client.kind]), sent),
            sent_at=sent, updated_at=updated or sent, question_count=questions, answered_count=answered, status=status,
            archived_at=self.calendar.end - timedelta(days=90) if is_old else None,
        )  # fmt: skip
