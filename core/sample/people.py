"""The sample firm's team, clients, contacts and who has access."""

from __future__ import annotations

import random as random_module
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from faker import Faker
from stdnum.de import vat
from stdnum.iso7064 import mod_11_10, mod_97_10

from core.fold import folds
from core.rights import Right
from core.sample.calendar import Calendar
from core.sample.places import PLACES
from core.sample.rows import Rows
from core.sample.texts import FORMS, STARTER_FIELDS, TRADES

EVERY_RIGHT = [right.value for right in Right]
TEAM = [
    ("Katharina Lindner", "owner", []),
    ("Jonas Albrecht", "admin", []),
    ("Miriam Özdemir", "employee", EVERY_RIGHT),
    ("Tobias Krämer", "employee", []),
    ("Svenja Petersen", "employee", ["view_all_accounts", "see_invoices"]),
    ("Dr. Henrik Weiß", "employee", ["view_all_accounts", "manage_accounts", "see_invoices", "see_all_time", "see_rates"]),
    ("Aylin Schäfer", "employee", ["manage_accounts", "manage_tags"]),
    ("Felix Brandt", "employee", ["see_invoices"]),
]
SIGN_INS = [
    ("Inhaberin", "Owner", 0),
    ("Administrator", "Admin", 1),
    ("Mitarbeiterin mit allen Rechten", "Employee with every right", 2),
    ("Mitarbeiter, nur zugeordnete Kunden", "Employee, assigned clients only", 3),
]
TAGS = [("VIP", "violet"), ("Lohn", "blue"), ("Betriebsprüfung", "red"), ("Digitale Belege", "green"), ("Mahnstufe", "orange")]
BUSY, EMPTY, SILENT, DISPUTED, HALF_SIGNED, NEW = (
    "Nordlicht Versand GmbH",
    "Kanuverein Havelwelle e. V.",
    "Hans-Jürgen Großkopf",
    "Möbelhaus Überlinger KG",
    "Architekturbüro Weber & Söhne PartG mbB",
    "Lea Sommerfeld",
)


@dataclass
class Client:
    account_id: int
    name: str
    kind: str
    state: str
    contacts: list[tuple[int, str, int | None]] = field(default_factory=list)  # contact, name, address with access
    team: list[int] = field(default_factory=list)


def iban(random: Random) -> str:
    """A German IBAN with valid check digits (ISO 13616)."""
    bank = f"{random.randint(10000000, 79999999)}{random.randint(0, 9999999999):010d}"
    return f"DE{mod_97_10.calc_check_digits(bank + 'DE')}{bank}"


def vat_id(random: Random) -> str:
    """A German VAT id with a valid check digit."""
    number = f"{random.randint(10000000, 99999999)}"
    return vat.compact(f"DE{number}{mod_11_10.calc_check_digit(number)}")


def email_of(name: str, domain: str) -> str:
    words = [word.strip(".,") for word in folds(name)[1].replace("dr.", "").split()]
    return f"{words[0]}.{words[-1]}@{domain}".replace("'", "")


class People:
    """Builds team, clients and contacts into the rows."""

    def __init__(self, rows: Rows, random: Random, calendar: Calendar, now: datetime) -> None:
        self.rows, self.random, self.calendar, self.now = rows, random, calendar, now
        self.fake = Faker("de_DE")
        self.fake.seed_instance(4711)
        self.start = now - timedelta(days=900)
        self.members: list[tuple[int, str]] = []
        self.used: set[str] = set()
        self.fields = {
            key: rows.add("custom_field", scope="account", key=key, label=label, type=kind, position=place)
            for place, (key, label, kind) in enumerate(STARTER_FIELDS)
        }
        self.tags = [rows.add("tag", name=name, color=color) for name, color in TAGS]

    def team(self, hashes: list[str | None]) -> None:
        for (name, role, rights), password_hash in zip(TEAM, hashes, strict=True):
            email = email_of(name, "musterkanzlei.example")
            member = self.rows.add(
                "staff_member", name=name, email=email, role=role, password_hash=password_hash, is_active=True, created_at=self.start
            )
            self.members.append((member, name))
            for right in rights:
                self.rows.add("staff_right", staff_member_id=member, right_key=right)

    def clients(self, count: int = 120) -> list[Client]:
        named = [(BUSY, "company"), (EMPTY, "other"), (SILENT, "person"), (DISPUTED, "company"), (HALF_SIGNED, "company"), (NEW, "person")]
        made: list[Client] = []
        seen = {name for name, _ in named}
        while len(named) < count:
            name, kind = self._name()
            if name not in seen:
                seen.add(name)
                named.append((name, kind))
        for place, (name, kind) in enumerate(named):
            made.append(self._client(place, name, kind, made))
        return made

    def _name(self) -> tuple[str, str]:
        turn = self.random.random()
        last = self.fake.last_name()
        if turn < 0.48:
            return f"{self.fake.first_name()} {last}", "person"
        if turn < 0.56:
            return f"Familie {last}", "person"
        if turn < 0.93:
            return f"{self.random.choice(TRADES)} {last} {self.random.choice(FORMS)}", "company"
        return f"{self.random.choice(['Förderverein', 'Stiftung', 'Sportverein', 'Erbengemeinschaft'])} {last}", "other"

    def _client(self, place: int, name: str, kind: str, before: list[Client]) -> Client:
        state = "active" if place in (0, 3, 4) else "pending" if name == NEW else "offline" if name in (EMPTY, SILENT) else ""
        state = state or self.random.choices(["active", "pending", "offline", "archived"], [66, 10, 14, 10])[0]
        created = self.now - timedelta(days=3) if name == NEW else self.start + timedelta(days=self.random.randint(0, 300))
        archived = self.calendar.moment() if state == "archived" else None
        account = self.rows.add(
            "account", number=str(10001 + place), name=name, kind=kind, state=state, archived_at=archived, created_at=created
        )
        client = Client(account, name, kind, state)
        shared = self.random.random() < 0.12 and len(before) > 8
        if shared:
            donor = self.random.choice([one for one in before if one.contacts and one.kind != "company"] or before[:1])
            contact, contact_name, address = donor.contacts[0]
            self._link(client, contact, contact_name, address, "Gesellschafter" if kind == "company" else "Ehepartner")
        wanted = self.random.choices([1, 2, 3], [62, 28, 10])[0] if kind != "company" else self.random.choices([1, 2, 3], [35, 40, 25])[0]
        for turn in range(wanted if not shared else 1):
            self._contact(client, turn, created)
        self._facts(client, place)
        return client

    def _contact(self, client: Client, turn: int, created: datetime) -> None:
        own = client.kind == "person" and not client.name.startswith("Familie")
        name = (
            client.name
            if own and turn == 0
            else f"{self.fake.first_name()} {client.name.split()[-1] if client.kind == 'person' else self.fake.last_name()}"
        )
        postcode, city, dial = self.random.choice(PLACES)
        words = name.split()
        contact = self.rows.add(
            "contact",
            name=name,
            first_name=" ".join(words[:-1]),
            last_name=words[-1],
            company=None if client.kind == "person" else client.name,
            phone=f"{dial} {self.random.randint(100000, 9999999)}",
            street=f"{self.fake.street_name()} {self.random.randint(1, 140)}",
            postcode=postcode,
            city=city,
            country="DE",
            language="de",
            created_at=created,
        )
        domain = "beispielpost.example" if client.kind == "person" else f"{folds(client.name)[1].split()[0].strip('.')}-beispiel.example"
        address = None
        for extra in range(self.random.choices([1, 2, 3], [72, 22, 6])[0]):
            email = email_of(name, domain if not extra else f"privat{extra}.example")
            while email in self.used:
                email = f"{email.split('@')[0]}{self.random.randint(2, 99)}@{email.split('@')[1]}"
            self.used.add(email)
            holder = (self.fake.first_name() + " " + words[-1], "Ehepartner") if extra == 2 else (None, None)
            made = self.rows.add(
                "contact_email",
                contact_id=contact,
                email=email,
                label="Geschäftlich" if not extra else "Privat",
                holder_name=holder[0],
                holder_relation=holder[1],
                is_primary=not extra,
                created_at=created,
            )
            address = address or made
        relation = (
            None
            if client.kind == "person" and turn == 0
            else self.random.choice(
                ["Ehepartner", "Kind"] if client.kind == "person" else ["Geschäftsführerin", "Geschäftsführer", "Buchhaltung", "Prokurist"]
            )
        )
        self._link(client, contact, name, address, relation)

    def _link(self, client: Client, contact: int, name: str, address: int | None, relation: str | None) -> None:
        self.rows.add("account_contact", account_id=client.account_id, contact_id=contact, relation=relation, created_at=self.start)
        client.contacts.append((contact, name, address))
        if address is None:
            return
        login = client.state in ("active", "pending") or (client.state == "archived" and self.random.random() < 0.5)
        since = self.calendar.moment() if login else None
        first = self.calendar.soon(since, 200) if login and client.state in ("active", "archived") else None
        self.rows.add(
            "email_access",
            account_id=client.account_id,
            contact_id=contact,
            contact_email_id=address,
            login=login,
            email_sync=self.random.random() < 0.7,
            notify=login and self.random.random() < 0.85,
            signatory=len(client.contacts) <= 2,
            login_since=since,
            first_login_at=first,
        )

    def _facts(self, client: Client, place: int) -> None:
        values = {
            "mandantennummer": str(10001 + place),
            "steuernummer": f"{self.random.randint(10, 99)}/{self.random.randint(100, 999)}/{self.random.randint(10000, 99999)}",
            "iban": iban(self.random),
            "finanzamt": f"Finanzamt {self.random.choice(PLACES)[1]}",
        }
        if client.kind == "company":
            values |= {
                "ust_idnr": vat_id(self.random),
                "kontenrahmen": self.random.choice(["SKR03", "SKR04"]),
                "wirtschaftsjahr_beginn": "2026-01-01",
                "rechtsform": next((form for form in FORMS if client.name.endswith(form)), "GmbH"),
            }
        for key, value in values.items():
            self.rows.add("account_field_value", account_id=client.account_id, custom_field_id=self.fields[key], value=value)
        for tag in self.random.sample(self.tags, self.random.choices([0, 1, 2], [55, 33, 12])[0]):
            self.rows.add("account_tag", account_id=client.account_id, tag_id=tag)
        for member, _ in self.random.sample(self.members[2:], self.random.choices([1, 2, 3], [45, 40, 15])[0]):
            client.team.append(member)
            self.rows.add("assignment", account_id=client.account_id, staff_member_id=member, created_at=self.start)


def seeded(seed: int) -> Random:
    return random_module.Random(seed)  # noqa: S311 - made-up data, no secret
