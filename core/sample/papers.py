"""Documents, approvals, signatures, contracts and organizers of the sample's clients."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from core.sample import texts
from core.sample.contents import content, store
from core.sample.kinds import kind_of
from core.sample.money import UNSIGNED_DAYS
from core.sample.names import BUSY, DORMANT, HALF_SIGNED, NEW, SILENT, UNANSWERED, UNBILLED, UNDECIDED
from core.sample.office import HUGE, Client, Office, Person
from core.sample.rhythm import DAY, month_start
from core.store import Row

# A client's newest documents with a file of their own; older ones of a kind share one. The huge client has more of them.
OWN_FILES, OWN_FILES_OF_BUSY = 40, 200
# For how long what a client was asked may lie open, as a rule; and when a questionnaire it handed in is sealed.
LATELY_DAYS, SEALED_AFTER_DAYS = 28, 21


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
        new = [client.since + timedelta(minutes=25)] if client.name == NEW else []
        if client.name not in (SILENT, NEW):
            for moment in [*self._moments(client, 2.2, least), *self._newly(client, 0.2)]:
                self._approval(client, moment)
            for moment in [*self._moments(client, 1.6, least), *self._newly(client, 0.15)]:
                self._signature(client, moment)
            for moment in [self.office.moment(client), *self._newly(client, 0.12)]:
                self.contract(client, moment)
        for moment in new or [*self._moments(client, 1.8, max(least, 1)), *self._newly(client, 0.25)]:
            self._organizer(client, moment)
        self._forgotten(client)
        self._files(client, self.rows.tables["document"][first:])

    def _moments(self, client: Client, mean: float, least: int) -> list[datetime]:
        """Draw some moments of the whole time with the client."""
        return [self.office.moment(client) for _ in range(max(self.office.count(mean), least))]

    def _uploads(self, client: Client) -> None:
        until = client.until if client.name != SILENT else min(client.until, self.calendar.end - timedelta(days=300))
        until, scale = client.quiet_since or until, min(client.scale, 5.0)
        if client.name == NEW:
            self.upload(client, self.calendar.end - timedelta(hours=15), "Personalausweis.png")
            self.upload(client, self.calendar.end - timedelta(hours=14, minutes=48), "Lohnsteuerbescheinigung {last_year}.pdf")
            return
        for month in self.calendar.months() if client.trades else []:
            starts, closes = self.calendar.utc(month, 300), self.calendar.utc(month + 9 * DAY, 1300)
            ends = self.calendar.utc(month_start(month, 1), 0)
            if starts < client.since or starts >= until:
                continue
            for _ in range(self.office.count(3.2 * min(scale, 2.0) if client.name == BUSY else 3.2 * scale)):
                moment = self.calendar.moment(is_client=True, since=starts, until=min(closes, until))
                self.upload(client, moment, self.office.choose(client, texts.UPLOADS))
            if self.random.random() < 0.7:
                self.share(client, self.calendar.moment(since=starts, until=min(ends, until)), self.office.choose(client, texts.SHARED))
        for _ in range(self.office.count((8 if client.trades else 9) * scale)):
            moment = self.calendar.moment(is_client=True, since=client.since, until=until)
            self.upload(client, moment, self.office.choose(client, texts.UPLOADS))
        for _ in range(self.office.count(2 * scale)):
            self.share(client, self.calendar.moment(since=client.since, until=until), self.office.choose(client, texts.SHARED))

    def upload(self, client: Client, moment: datetime, name: str) -> None:
        """Add a document from the client; recent ones may not have been seen yet."""
        seen = self.calendar.later(moment, 9)
        days = (self.calendar.end - moment).days
        # The huge client's flood is looked at every few days.
        if days < (4 if client.name == BUSY else 16) and self.random.random() < (0.3 if client.name == BUSY else 0.55):
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
            if place < (OWN_FILES_OF_BUSY if client.name == BUSY else OWN_FILES):
                row.update(store(folder, f"{client.account_id}/{row['document_id']}.{ending}", content(row["name"], client.name, day)))
                continue
            # Older ones of a kind are one file.
            kind = kind_of(row["name"])
            if (client.account_id, kind) not in self.shared_files:
                number = len(self.shared_files) + 1
                data = content(f"{kind}.{ending}", client.name, day)
                self.shared_files[client.account_id, kind] = store(folder, f"{client.account_id}/archiv-{number}.{ending}", data)
            row.update(self.shared_files[client.account_id, kind])

    def _is_new(self, client: Client, moment: datetime, days: int) -> bool:
        """Return whether it happened in the last days, with a client who still is one."""
        return client.state != "archived" and self.calendar.end - moment < days * DAY

    def _newly(self, client: Client, chance: float) -> Iterator[datetime]:
        """Yield a moment of the last weeks, or none."""
        if client.state in ("active", "pending") and self.random.random() < chance:
            yield self.calendar.moment(since=max(client.since, self.calendar.end - LATELY_DAYS * DAY), until=client.until)

    def _answer(self, client: Client, moment: datetime, hours: float) -> datetime | None:
        """Draw when a client answers what it was sent; None when it has not yet, or has fallen silent."""
        found = self.calendar.later(moment, hours, is_client=True)
        return None if found is None or (client.quiet_since and found > client.quiet_since) else found

    def _approval(self, client: Client, asked: datetime, *, is_forgotten: bool = False) -> None:
        decided = None if is_forgotten else self._answer(client, asked, 70)
        if self._is_new(client, asked, LATELY_DAYS) and self.random.random() < 0.5:
            decided = None
        status = "pending" if decided is None else self.random.choices(["approved", "disapproved"], [84, 16])[0]
        name = self.office.fill(self.office.choose(client, texts.APPROVALS), asked)
        document = self.share(client, asked, name, {"pending": "pending_approval"}.get(status, status))
        self.rows.add(
            "approval", account_id=client.account_id, document_id=document, document_name=name, asked_at=asked, status=status,
            reason=self.random.choice(texts.REFUSALS[client.sort]) if status == "disapproved" else None, decided_at=decided,
            decided_by=self.office.person(client).contact_id if decided else None,
        )  # fmt: skip

    def _signature(self, client: Client, sent: datetime, done: int | None = None) -> None:
        """Add a document to be signed, by the first ``done`` signatories only, if given."""
        signers = [person for person in client.people if person.signs]
        needs = "one" if done is None and len(signers) > 1 and self.random.random() < 0.3 else "all"
        fate = self.random.choices(["", "declined", "voided"], [88, 5, 7])[0] if done is None else ""
        moments = self._signed(client, sent, signers, needs, 0 if fate else done)
        status = fate or self._status(moments, needs)
        name = self.office.fill(self.office.choose(client, texts.SIGNATURES), sent)
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
        moments = self._signed(client, sent, signers, "all", 0 if fate else done)
        name = self.office.fill(name or self.office.choose(client, texts.CONTRACTS), sent)
        status = fate or self._status(moments, "all")
        contract = self.rows.add("contract", account_id=client.account_id, name=name, sent_at=sent, needs="all", status=status)
        self._signatories(client, signers, moments, contract_id=contract)
        return contract

    def _signed(self, client: Client, sent: datetime, signers: list[Person], needs: str, done: int | None) -> list[datetime | None]:
        """Draw when each signs: the first ``done``, if given; else everybody, but some of late not yet."""
        if done is not None:
            return [self.calendar.later(sent, 6, is_client=True) if place < done else None for place in range(len(signers))]
        waits = 0.5 if self._is_new(client, sent, LATELY_DAYS) else 0.0
        moments = [None if self.random.random() < waits else self._answer(client, sent, 60) for _ in signers]
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

    def _organizer(self, client: Client, sent: datetime, *, is_forgotten: bool = False) -> None:
        """Add a questionnaire; what was handed in is sealed some weeks later."""
        questions = self.random.randint(8, 40)
        updated = self._answer(client, sent, 200) if client.name not in (SILENT, NEW) else None
        status = "pending"
        if updated is not None and not is_forgotten and (not self._is_new(client, sent, 45) or self.random.random() < 0.5):
            status = "submitted" if self._is_new(client, updated, SEALED_AFTER_DAYS) else "sealed"
        answered = questions if status != "pending" else 0 if updated is None else self.random.randint(1, questions - 1)
        is_old = client.name != BUSY and status == "sealed" and (self.calendar.end - sent).days > 330
        self.rows.add(
            "organizer", account_id=client.account_id, name=self.office.fill(self.office.choose(client, texts.ORGANIZERS), sent),
            sent_at=sent, updated_at=updated or sent, question_count=questions, answered_count=answered, status=status,
            archived_at=self.calendar.end - timedelta(days=90) if is_old else None,
        )  # fmt: skip

    def _forgotten(self, client: Client) -> None:
        """Add what nobody asked about any more, with the client whose story it is."""
        ago = lambda days: self.calendar.utc(self.calendar.today - days * DAY, 610 + days % 50)  # noqa: E731 - said once
        if client.name == UNBILLED:
            self.contract(client, ago(UNSIGNED_DAYS), "Vergütungsvereinbarung {year}", done=0)
        elif client.name == UNDECIDED:
            self._approval(client, ago(131), is_forgotten=True)
        elif client.name == UNANSWERED:
            self._organizer(client, ago(192), is_forgotten=True)
        elif client.name == DORMANT:
            self._signature(client, ago(401), done=0)
        elif client.name == HALF_SIGNED:
            self._signature(client, ago(9), done=1)
