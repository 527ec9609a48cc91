"""The sample's firm: team, tags, custom fields, pipelines; and what the modules of its clients' rows share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, TypeVar, cast

from core.base.rights import Right
from core.base.text_folding import folds
from core.clients.custom_fields import SEARCHED, STARTER
from core.sample.fitting import fits
from core.sample.places import Place
from core.sample.rhythm import Calendar, month_start
from core.sample.rows import Rows

T = TypeVar("T")
DOMAIN = "musterkanzlei.example"
OFFICE_ADDRESS = f"kanzlei@{DOMAIN}"
# Name, role, rights, hourly rate in euros.
TEAM = [
    ("Katharina Lindner", "owner", [], 165),
    ("Jonas Albrecht", "admin", [], 120),
    ("Miriam Özdemir", "employee", [right.value for right in Right], 110),
    ("Tobias Krämer", "employee", [], 75),
    ("Svenja Petersen", "employee", ["view_all_accounts", "see_invoices", "export_data"], 90),
    ("Dr. Henrik Weiß", "employee", ["view_all_accounts", "manage_accounts", "see_invoices", "see_all_time", "see_rates", "analyse"], 140),
    ("Aylin Schäfer", "employee", ["manage_accounts", "manage_tags", "manage_team"], 80),
    ("Felix Brandt", "employee", ["see_invoices", "manage_custom_fields", "import_data"], 80),
]
TAGS = {
    "VIP": "violet",
    "Lohn": "blue",
    "Betriebsprüfung": "red",
    "Digitale Belege": "green",
    "Mahnstufe": "orange",
    "Dauerfristverlängerung": "yellow",
    "Privat": "gray",
}
CHARTS = next(options for key, _, _, _, options in STARTER if key == "kontenrahmen")
# Scope, key, label, type, options, group.
FIELDS = [
    *(("account", key, label, kind, options, group) for key, label, kind, group, options in STARTER),
    ("contact", "email_privat", "E-Mail privat", "email", None, None),
    ("contact", "beruf", "Beruf", "text", None, None),
]
PIPELINES = {
    "Jahresabschluss": [
        "Unterlagen anfordern",
        "Buchführung prüfen",
        "Abschlussbuchungen",
        "Entwurf beim Kunden",
        "Freigabe",
        "Offenlegung",
    ],
    "Lohn": ["Daten anfordern", "Daten erfassen", "Abrechnen", "Prüfen", "Versendet"],
    "Steuererklärung": ["Unterlagen anfordern", "Erklärung erstellen", "Freigabe", "Eingereicht", "Bescheid prüfen"],
    "USt-Voranmeldung": ["Belege da", "Buchen", "Prüfen", "Übermittelt"],
}
# Number of rows of each kind the client BUSY has; threads are mails of its shop.
HUGE = {
    "uploads": 14_000, "tasks": 1_200, "hours": 15_000, "notes": 25, "threads": 5_600, "mails": 60, "notices": 60, "chats": 240, "logins": 6_200,
}  # fmt: skip
MONTHS = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"]


@dataclass
class Person:
    """A contact of one client, with the address that has access; ``holder`` is the person who reads and writes there, if another."""

    contact_id: int
    name: str
    address_id: int
    email: str
    holder: str = ""
    signs: bool = False
    logs_in: bool = False
    first_login_at: datetime | None = None

    @property
    def writes_as(self) -> str:
        """The name under a mail from the address."""
        return self.holder or self.name


@dataclass
class Client:
    """An account whose rows are being added.

    Something happens between ``since`` and ``until`` only; ``scale`` says how much, 1.0 being ordinary.
    """

    account_id: int
    name: str
    kind: str
    legal_form: str
    state: str
    since: datetime
    until: datetime
    scale: float
    place: Place
    people: list[Person] = field(default_factory=list)
    team: list[int] = field(default_factory=list)
    jobs: list[tuple[int, str, datetime]] = field(default_factory=list)
    # Whether its VAT returns are due a month later.
    has_extension: bool = False
    has_wages: bool = False
    pays_vat: bool = False
    # The moment since which nothing came from the client any more.
    quiet_since: datetime | None = None

    @property
    def sort(self) -> str:
        """By what its texts are chosen: ``company``, ``person``, ``club``, or ``estate`` for owners who share a house."""
        return "estate" if self.legal_form in ("WEG", "Erbengemeinschaft") else "club" if self.kind == "other" else self.kind

    @property
    def trades(self) -> bool:
        """Whether the firm does the account's books every month."""
        return self.kind == "company"


def email_of(name: str, domain: str) -> str:
    """Return ``first.last@domain`` of a person's name."""
    words = [word for word in (part.strip(".,'").replace("'", "") for part in folds(name)[1].split()) if word not in ("dr", "prof", "und")]
    return f"{words[0]}.{words[-1]}@{domain}" if len(words) > 1 else f"{words[0]}@{domain}"


class Office:
    """Add the firm to the rows, then draw members, contacts and moments for the other modules."""

    def __init__(self, rows: Rows, random: Random, calendar: Calendar, hashes: list[str], documents: Path) -> None:
        self.rows, self.random, self.calendar, self.documents = rows, random, calendar, documents
        opened = calendar.utc(date(calendar.first_day.year - 6, 4, 2), 9 * 60)
        self._fitting: dict[tuple[int, int], Sequence[Any]] = {}
        rows.add(
            "firm", name="Musterkanzlei Lindner & Partner", is_sample=True, currency="EUR", time_zone="Europe/Berlin", created_at=opened
        )
        self.members: dict[int, str] = {}
        self.rates: dict[int, Decimal] = {}
        for place, (name, role, rights, rate) in enumerate(TEAM):
            member = rows.add(
                "staff_member", name=name, email=email_of(name, DOMAIN), role=role, is_active=True,
                password_hash=hashes[place] if place < len(hashes) else None, created_at=opened + timedelta(days=40 * place),
            )  # fmt: skip
            self.members[member], self.rates[member] = name, Decimal(rate)
            for right in rights:
                rows.add("staff_right", staff_member_id=member, right_key=right)
        self.tags = {name: rows.add("tag", name=name, color=color) for name, color in TAGS.items()}
        self.fields = {
            (scope, key): rows.add(
                "custom_field", scope=scope, key=key, label=label, type=kind, position=place, is_required=False, field_group=group,
                options=json.dumps(options, ensure_ascii=False) if options else None, is_searched=key in SEARCHED,
            )
            for place, (scope, key, label, kind, options, group) in enumerate(FIELDS)
        }  # fmt: skip
        self.pipelines: dict[str, tuple[int, list[int]]] = {}
        for place, (name, stages) in enumerate(PIPELINES.items()):
            pipeline = rows.add("pipeline", name=name, position=place)
            self.pipelines[name] = (pipeline, [rows.add("stage", pipeline_id=pipeline, name=s, position=n) for n, s in enumerate(stages)])

    def staff(self, client: Client) -> int:
        """Draw the id of a member assigned to the client, most often the first."""
        return client.team[0] if self.random.random() < 0.6 else self.random.choice(client.team)

    def person(self, client: Client) -> Person:
        """Draw a contact of the client, most often the first."""
        return client.people[0] if self.random.random() < 0.65 else self.random.choice(client.people)

    def choose(self, client: Client, texts: Mapping[str, Sequence[T]]) -> T:
        """Draw one of the client's sort that fits it; a conversation fits when its subject does."""
        key = client.account_id, id(texts)
        found = self._fitting.get(key)
        if found is None:
            said: list[Any] = list(texts[client.sort])
            found = [text for text in said if fits(client, text if isinstance(text, str) else text[0])]
            self._fitting[key] = found
        return cast("T", self.random.choice(found))

    def count(self, mean: float) -> int:
        """Draw a number around the mean, at least 0."""
        return max(0, round(self.random.gauss(mean, mean * 0.3) + self.random.random() - 0.5))

    def moment(self, client: Client, *, is_client: bool = False) -> datetime:
        """Draw a moment (UTC) while the firm worked for the client; of the client, while it was to be heard."""
        until = client.quiet_since or client.until if is_client else client.until
        return self.calendar.moment(is_client=is_client, since=client.since, until=until)

    def fill(self, text: str, moment: datetime) -> str:
        """Return the text with its ``{month}``, ``{year}``, ``{number}`` … filled in as of a moment (UTC)."""
        if "{" not in text:
            return text
        day = self.calendar.local_day(moment)
        month = month_start(day, -1)
        return text.format(
            month=f"{MONTHS[month.month - 1]} {month.year}", mm=f"{month.month:02d}-{month.year}", year=day.year, last_year=day.year - 1,
            next_month=MONTHS[day.month % 12], number=self.random.randint(1000, 9999), day=f"{day:%d.%m.%Y}",
            amount=f"{self.random.randint(12, 980)},{self.random.randint(0, 99):02d} €",
            weekday=self.random.choice(["Montag", "Dienstag", "Mittwoch", "Donnerstag"]), hour=self.random.randint(9, 16),
        )  # fmt: skip
