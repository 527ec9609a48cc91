"""The sample's record of its last weeks: what members did through forms and what imports brought, on the days it happened.

The rows are loaded in bulk, so each entry is written as its verb, or an import, would have: ``Tx.record_at`` takes the moment and who it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from core.base.contact_points import one_telephone
from core.base.rights import Viewer
from core.sample import identifiers, names
from core.sample.office import TEAM, Client, Office
from core.sample.places import STREETS
from core.store import Row, Tx

# How far back the record reaches.
DAYS = 42
# Imports run every half hour.
BETWEEN_IMPORTS = timedelta(minutes=30)
IMPORT = Viewer.system("import", "import")
# Rows that an import brings, and the column of when they came to be.
BROUGHT = {
    "email": "sent_at", "chat": "created_at", "chat_message": "sent_at", "approval": "asked_at", "signature": "sent_at", "contract": "sent_at",
    "organizer": "sent_at", "invoice": "created_at", "payment": "created_at", "credit": "created_at", "job": "created_at",
}  # fmt: skip
# Clients whose page each member has opened of late.
LOOKED_AT = 6
# How often something of a client's details was changed in that time.
CHANGED = 0.6


class History:
    """Collect what happened, then write it in the order of its moments."""

    def __init__(self, office: Office, clients: list[Client]) -> None:
        self.office, self.rows, self.calendar, self.clients = office, office.rows.tables, office.calendar, clients
        # Of its own, so that the rows are the same however much is recorded.
        self.random = Random(self.calendar.end.date().toordinal() + 1)  # noqa: S311 - made-up data, no secret
        self.since = self.calendar.end - timedelta(days=DAYS)
        self._people = {member: Viewer.staff(member) for member in office.members}
        # Who may change a client's details.
        self._leads = [
            member
            for member, (_, role, rights, _) in zip(office.members, TEAM, strict=True)
            if role != "employee" or "manage_accounts" in rights
        ]
        self._contacts = {row["contact_id"]: row for row in self.rows["contact"]}
        self._found: list[tuple[datetime, Viewer, str, str, Row, str | None, Any, Any]] = []

    def write(self, tx: Tx) -> None:
        """Write everything into the transaction's record."""
        self._work()
        self._documents()
        self._brought()
        self._answers()
        self._jobs_and_money()
        for client in self.clients:
            self._details(client)
        for moment, *entry in sorted(self._found, key=lambda found: found[0]):
            tx.record_at(moment, *entry)

    def look(self) -> None:
        """Add when each member last looked at some clients: some days ago, so that they find what is new since."""
        busy = next(client for client in self.clients if client.name == names.BUSY)
        for member in self.office.members:
            own = [client for client in self.clients if member in client.team and client.state == "active" and client is not busy]
            others = [client for client in self.clients if client.state == "active" and client not in own and client is not busy]
            seen = [busy] if member in busy.team or member == self._leads[0] else []
            seen += self.random.sample(own or others, min(LOOKED_AT, len(own or others)))
            for client in seen:
                moment = self.calendar.at_work(
                    self.calendar.end - timedelta(days=self.random.randint(2, 12)), client.since, self.calendar.end - timedelta(days=1)
                )
                self.office.rows.add("recent_account", staff_member_id=member, account_id=client.account_id, opened_at=moment)

    def _created(self, moment: datetime, who: Viewer, table: str, row: Row) -> None:
        if self.since <= moment <= self.calendar.end:
            self._found.append((moment, who, "created", table, row, None, None, None))

    def _changed(self, moment: datetime | None, who: Viewer, table: str, row: Row, **fields: tuple[Any, Any]) -> None:
        """Add an entry for each field that changed, with its value before and after."""
        if moment is not None and self.since <= moment <= self.calendar.end:
            self._found += [(moment, who, "changed", table, row, field, old, new) for field, (old, new) in fields.items() if old != new]

    def _import_after(self, moment: datetime) -> datetime:
        """Return when the next import runs; now for what it will bring today."""
        passed = timedelta(minutes=moment.minute % 30, seconds=moment.second, microseconds=moment.microsecond)
        return min(moment - passed + BETWEEN_IMPORTS, self.calendar.end)

    def _work(self) -> None:
        for row in self.rows["note"]:
            self._created(row["saved_at"], self._people[row["staff_member_id"]], "note", row)
        for row in self.rows["time_entry"]:
            self._created(row["created_at"], self._people[row["staff_member_id"]], "time_entry", row)
        assignees: dict[int, list[Row]] = {}
        for row in self.rows["task_assignee"]:
            assignees.setdefault(row["task_id"], []).append(row)
        for row in self.rows["task"]:
            own = assignees[row["task_id"]]
            who = self._people[own[0]["staff_member_id"]]
            self._created(row["created_at"], who, "task", row)
            for assignee in own:
                self._created(row["created_at"], who, "task_assignee", assignee)
            self._changed(
                row["completed_at"], who, "task", row, status=("in_progress", row["status"]), completed_at=(None, row["completed_at"])
            )

    def _documents(self) -> None:
        for row in self.rows["document"]:
            if not row["is_from_client"]:
                self._created(row["uploaded_at"], self._people[row["staff_member_id"]], "document", row)
                continue
            self._created(self._import_after(row["uploaded_at"]), IMPORT, "document", row)
            if row["seen_at"]:
                self._changed(
                    row["seen_at"], self._people[row["seen_by"]], "document", row, seen_at=(None, row["seen_at"]), seen_by=(None, row["seen_by"])
                )  # fmt: skip

    def _brought(self) -> None:
        for table, column in BROUGHT.items():
            for row in self.rows[table]:
                if row[column] >= self.since:
                    self._created(self._import_after(row[column]), IMPORT, table, row)

    def _answers(self) -> None:
        """Add what clients decided, signed and filled in, and what became of it."""
        documents = {row["document_id"]: row for row in self.rows["document"]}
        for row in self.rows["approval"]:
            if decided := row["decided_at"]:
                at = self._import_after(decided)
                self._changed(
                    at, IMPORT, "approval", row, status=("pending", row["status"]), decided_at=(None, decided), decided_by=(None, row["decided_by"]),
                    reason=(None, row["reason"]),
                )  # fmt: skip
                self._changed(at, IMPORT, "document", documents[row["document_id"]], status=("pending_approval", row["status"]))
        signed: dict[tuple[str, int], list[Row]] = {}
        for row in self.rows["signatory"]:
            kind = "signature" if row["signature_id"] else "contract"
            signed.setdefault((kind, row[f"{kind}_id"]), []).append(row)
            if row["signed_at"]:
                self._changed(self._import_after(row["signed_at"]), IMPORT, "signatory", row, signed_at=(None, row["signed_at"]))
        for kind in ("signature", "contract"):
            for row in self.rows[kind]:
                moments = [one["signed_at"] for one in signed.get((kind, row[f"{kind}_id"]), ()) if one["signed_at"]]
                if moments and row["status"] in ("signed", "partially_signed"):
                    at = self._import_after(max(moments))
                    self._changed(at, IMPORT, kind, row, status=("pending", row["status"]))
                    if kind == "signature":
                        self._changed(at, IMPORT, "document", documents[row["document_id"]], status=("pending_signature", row["status"]))
        for row in self.rows["organizer"]:
            if row["updated_at"] > row["sent_at"]:
                self._changed(
                    self._import_after(row["updated_at"]), IMPORT, "organizer", row, answered_count=(0, row["answered_count"]),
                    status=("pending", "submitted" if row["status"] == "sealed" else row["status"]), updated_at=(row["sent_at"], row["updated_at"]),
                )  # fmt: skip

    def _jobs_and_money(self) -> None:
        stages = {stage: place for _, places in self.office.pipelines.values() for place, stage in enumerate(places)}
        before = {places[n]: places[n - 1] for _, places in self.office.pipelines.values() for n in range(1, len(places))}
        for row in self.rows["job"]:
            if stages[row["stage_id"]]:
                self._changed(
                    self._import_after(row["stage_since_at"]), IMPORT, "job", row, stage_id=(before[row["stage_id"]], row["stage_id"]),
                )  # fmt: skip
        invoices = {row["invoice_id"]: row for row in self.rows["invoice"]}
        paid: dict[int, Any] = {}
        for row in self.rows["payment"]:
            invoice = invoices[row["invoice_id"]]
            old = paid.get(row["invoice_id"], 0 * row["amount"])
            new = paid[row["invoice_id"]] = old + row["amount"]
            status = ("partially_paid" if old else "unpaid", "paid" if new == invoice["total"] else "partially_paid")
            self._changed(self._import_after(row["created_at"]), IMPORT, "invoice", invoice, paid_amount=(old, new), status=status)

    def _details(self, client: Client) -> None:
        """Add the beginning of a new client, or a change of one who was there before."""
        who = self._people[self.random.choice(self._leads)]
        if client.name == names.NEW:
            self._begun(client, who)
        elif client.state == "active" and self.random.random() < CHANGED:
            moment = self.calendar.end - timedelta(minutes=self.random.randint(60, DAYS * 1440 - 60))
            self._edited(client, who, self.calendar.at_work(moment, self.since, self.calendar.end))
        archived = next((row for row in self._of("account", client) if row["archived_at"]), None)
        if archived:
            at = archived["archived_at"]
            self._changed(at, who, "account", archived, state=("active", "archived"), archived_at=(None, at))

    def _of(self, table: str, client: Client) -> Iterable[Row]:
        return (row for row in self.rows[table] if row["account_id"] == client.account_id)

    def _begun(self, client: Client, who: Viewer) -> None:
        own = {person.contact_id for person in client.people}
        for table in ("account", "account_contact", "email_access", "assignment"):
            for row in self._of(table, client):
                self._created(client.since, who, table, row)
        for number in own:
            self._created(client.since, who, "contact", self._contacts[number])
        for row in self.rows["contact_email"]:
            if row["contact_id"] in own:
                self._created(client.since, who, "contact_email", row)
        for row in self._of("account_field_value", client):
            self._changed(client.since + timedelta(minutes=9), who, "account_field_value", row, value=(None, row["value"]))

    def _edited(self, client: Client, who: Viewer, moment: datetime) -> None:
        """Add a change of a telephone number, a street, a bank account, a tag or the team."""
        person = client.people[0]
        contact = self._contacts[person.contact_id]
        match self.random.choice(["phone", "street", "iban", "tag", "team"]):
            case "phone":
                old = one_telephone(f"{client.place.dialling_code} {self.random.randint(200000, 999999)}")
                self._changed(moment, who, "contact", contact, phone=(old, contact["phone"]))
            case "street":
                old = f"{self.random.choice(STREETS)} {self.random.randint(1, 90)}"
                self._changed(moment, who, "contact", contact, street=(old, contact["street"]))
            case "iban":
                field = self.office.fields["account", "iban"]
                for row in self._of("account_field_value", client):
                    if row["custom_field_id"] == field:
                        self._changed(moment, who, "account_field_value", row, value=(identifiers.iban(self.random), row["value"]))
            case "tag":
                for row in list(self._of("account_tag", client))[:1]:
                    self._created(moment, who, "account_tag", row)
            case "team":
                for row in list(self._of("assignment", client))[1:2]:
                    row["created_at"] = moment
                    self._created(moment, who, "assignment", row)
