"""The small firm most tests speak of: its people, an own, a foreign and an empty account, and a little of everything in the own one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from core.access.open_account import open_account
from core.base.config import Settings
from core.base.rights import Right, Viewer
from core.i18n.formats import today
from core.store import now, writer

# Everybody's, where a password is wanted.
PASSWORD = "eine-laterne-im-regen"


@dataclass
class Firm:
    """Ids of a small firm; ``own`` is assigned to ``assigned_employee``, ``foreign`` to nobody, ``empty`` has no rows."""

    owner: int
    everything: int
    assigned: int
    unassigned: int
    own: int
    foreign: int
    empty: int
    contact: int
    address: int
    document: int
    foreign_document: int

    def viewer(self, who: str) -> Viewer:
        return Viewer.contact(self.address) if who == "portal" else Viewer.staff(getattr(self, who))

    def account(self, which: str = "own", who: str = "owner"):
        return open_account(self.viewer(who), getattr(self, which))


def build_firm(_: Settings | None = None) -> Firm:
    """The small firm, through the writers' own door."""
    moment = now()
    with writer(Viewer.system("tests")) as tx:
        tx.insert("firm", name="Testkanzlei", created_at=moment)
        member = {
            key: tx.insert("staff_member", name=name, email=f"{key}@kanzlei.example", role=role, created_at=moment)
            for key, name, role in (
                ("owner", "Olga Owner", "owner"),
                ("everything", "Emil Alles", "employee"),
                ("assigned", "Anna Zugeordnet", "employee"),
                ("unassigned", "Udo Niemand", "employee"),
            )
        }
        for right in Right:
            tx.insert("staff_right", staff_member_id=member["everything"], right_key=right.value)
        own = tx.insert("account", number="10001", name="Müller/Weber GbR", kind="company", state="active", created_at=moment)
        foreign = tx.insert("account", number="10002", name="Schmidt Straßenbau", created_at=moment)
        empty = tx.insert("account", number="10003", name="Leer AG", created_at=moment)
        tx.insert("assignment", account_id=own, staff_member_id=member["assigned"], created_at=moment)
        contact = tx.insert("contact", name="Maria Müller", created_at=moment)
        address = tx.insert("contact_email", contact_id=contact, email="maria@mueller.example", is_primary=True, created_at=moment)
        tx.insert("account_contact", account_id=own, contact_id=contact, created_at=moment)
        tx.insert(
            "email_access", account_id=own, contact_id=contact, contact_email_id=address, login=True, signatory=True, first_login_at=moment
        )
        documents = [
            tx.insert(
                "document", account_id=account, name=name, uploaded_at=moment, is_from_client=True, contact_id=contact,
                file=f"{name}", media_type="text/plain",
            )
            for account, name in ((own, "eigenes.txt"), (foreign, "fremdes.txt"))
        ]  # fmt: skip
        for place, (total, paid, status) in enumerate(
            ((100, 0, "unpaid"), (50, 20, "partially_paid"), (70, 0, "scheduled"), (40, 0, "unpaid"))
        ):
            tx.insert(
                "invoice", account_id=own, number=f"R-{place}", issued_on=today(), due_on=today() + timedelta(days=place - 1),
                total=Decimal(total), paid_amount=Decimal(paid), status=status, created_at=moment,
            )  # fmt: skip
        tx.insert("credit", account_id=own, booked_on=today(), amount=Decimal(120), created_at=moment)
        tx.insert("note", account_id=own, text="Ruft nur nachmittags an.", staff_member_id=member["owner"], saved_at=moment)
        tx.insert(
            "time_entry", account_id=own, worked_on=today(), staff_member_id=member["owner"], minutes=60, rate=Decimal(90),
            amount=Decimal(90), created_at=moment,
        )  # fmt: skip
    return Firm(*member.values(), own, foreign, empty, contact, address, *documents)
