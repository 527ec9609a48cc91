"""The sample's clients: accounts in every state, their contacts, addresses, access, facts, tags and team."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from faker import Faker

from core.fold import folds, words
from core.sample import identifiers, names
from core.sample.office import CHARTS, Client, Office, Person, email_of
from core.sample.places import PLACES

CONTACTS = 180
MALE = ["Geschäftsführer", "Prokurist", "Gesellschafter", "Buchhalter"]
FEMALE = ["Geschäftsführerin", "Prokuristin", "Gesellschafterin", "Buchhalterin"]
JOBS = ["Lehrerin", "Ingenieur", "Ärztin", "Rentner", "Landwirt", "Pflegefachkraft", "Kaufmann", "Architektin", "Beamter", "Selbständig"]
# Reserved for films and examples; nobody answers.
MOBILE = ["0171 39200{:02d}", "0176 040690{:02d}"]
STORIES = {
    names.BUSY: "active", names.EMPTY: "offline", names.SILENT: "pending", names.DISPUTED: "active", names.HALF_SIGNED: "active",
    names.NEW: "pending", names.COUPLE: "active", names.COUPLE_COMPANY: "active", names.LONG: "active",
}  # fmt: skip


class Clients:
    """Builds 120 accounts with 180 contacts into the rows."""

    def __init__(self, office: Office) -> None:
        self.office, self.rows, self.random, self.calendar = office, office.rows, office.random, office.calendar
        self.fake = Faker("de_DE")
        self.fake.seed_instance(self.random.randint(0, 2**31))
        self.used: set[str] = set()
        self.made: dict[str, Client] = {}

    def build(self) -> list[Client]:
        """All clients, those with private accounts first."""
        wanted = [(name, "person", "", []) for name in names.COUPLES + names.PERSONS]
        for kind, lines in (("company", names.COMPANIES), ("other", names.OTHERS)):
            for line in lines:
                name, *owner, form = line.split("|")
                wanted.append((name, kind, form, owner))
        sizes = self._sizes([name for name, *_ in wanted])
        states = self._states([name for name, *_ in wanted])
        joined = self._joined([name for name, *_ in wanted])
        numbers = {name: 10001 + 3 * place + place % 2 for place, name in enumerate(sorted(joined, key=joined.get))}
        for name, kind, form, owner in wanted:
            self._client(name, kind, form, states[name], joined[name], str(numbers[name]))
            self._contacts(self.made[name], sizes[name], owner[0] if owner else "")
        return list(self.made.values())

    def _sizes(self, listed: list[str]) -> dict[str, int]:
        sizes = {name: 0 if name in names.SHARED else 2 if name in names.COUPLES else 1 for name in listed}
        sizes[names.BUSY], sizes[names.HALF_SIGNED] = 4, 3
        places = [*names.COMPANIES * 3, *names.OTHERS, *names.COUPLES]
        while sum(sizes.values()) < CONTACTS:
            name = self.random.choice(places).split("|")[0]
            if sizes[name] < 3 and name != names.EMPTY:
                sizes[name] += 1
        return sizes

    def _states(self, listed: list[str]) -> dict[str, str]:
        free = [name for name in listed if name not in STORIES]
        self.random.shuffle(free)
        ends = {"archived": 11, "pending": 20, "offline": 34}
        states, place = dict(STORIES), 0
        for state, end in ends.items():
            states |= dict.fromkeys(free[place:end], state)
            place = end
        return states | dict.fromkeys(free[place:], "active")

    def _joined(self, listed: list[str]) -> dict[str, datetime]:
        first = self.calendar.first_day
        joined = {}
        for name in listed:
            if name not in STORIES and self.random.random() < 0.13:
                joined[name] = self.calendar.moment(until=self.calendar.end - timedelta(days=60))
            else:
                day = first - timedelta(days=self.random.randint(20, 2300))
                joined[name] = self.calendar.utc(day, self.random.randint(480, 1000))
        joined[names.NEW] = self.calendar.moment(
            since=self.calendar.end - timedelta(days=4), until=self.calendar.end - timedelta(days=2, hours=20)
        )
        return joined

    def _client(self, name: str, kind: str, form: str, state: str, joined: datetime, number: str) -> None:
        archived = None
        if state == "archived":
            since = max(joined + timedelta(days=45), self.calendar.end - timedelta(days=330))
            archived = self.calendar.moment(since=since, until=self.calendar.end - timedelta(days=15))
        account = self.rows.add(
            "account", number=number, name=name, kind=kind, state=state, archived_at=archived, photo_id=None, created_at=joined
        )
        client = Client(
            account, name, kind, form, state, max(joined, self.calendar.start), archived or self.calendar.end,
            700.0 if name == names.BUSY else self.random.uniform(0.6, 1.7),
        )  # fmt: skip
        self.made[name] = client
        self._facts(client, number)
        self._team(client, joined)

    def _facts(self, client: Client, number: str) -> None:
        town = self.random.choice(PLACES)[1]
        facts = {"mandantennummer": number, "finanzamt": f"Finanzamt {town}", "iban": identifiers.iban(self.random)}
        facts["steuernummer"] = identifiers.tax_number(self.random)
        if client.kind == "person":
            facts["steuer_idnr"] = identifiers.personal_tax_id(self.random)
        else:
            facts["rechtsform"] = client.legal_form
        if client.trades:
            start = date(self.calendar.today.year, 7 if self.random.random() < 0.1 else 1, 1)
            facts |= {"ust_idnr": identifiers.vat_id(self.random), "kontenrahmen": self.random.choice(CHARTS[:2])}
            facts["wirtschaftsjahr_beginn"] = start.isoformat()
        elif client.kind == "other" and client.legal_form == "e. V.":
            facts["kontenrahmen"] = self.random.choice(CHARTS[2:])
        for key, value in facts.items():
            if key == "mandantennummer" or self.random.random() < 0.94:
                self.rows.add(
                    "account_field_value", account_id=client.account_id, custom_field_id=self.office.fields["account", key], value=value
                )

    def _team(self, client: Client, joined: datetime) -> None:
        members = list(self.office.members)
        chosen = self.random.sample(members[1:], self.random.choices([1, 2, 3], [40, 42, 18])[0])
        if client.name in (names.BUSY, names.DISPUTED, names.SILENT) and members[3] not in chosen:
            chosen.append(members[3])
        client.team = chosen
        for member in chosen:
            self.rows.add("assignment", account_id=client.account_id, staff_member_id=member, created_at=joined)
        tags = {"company": ["Lohn", "Digitale Belege", "Dauerfristverlängerung", "Betriebsprüfung"], "person": ["Privat"], "other": []}
        found = {tag for tag in tags[client.kind] if self.random.random() < 0.42} | ({"VIP"} if self.random.random() < 0.08 else set())
        found |= {"Mahnstufe"} if client.name in (names.DISPUTED, names.SILENT) else set()
        found |= {"VIP", "Digitale Belege"} if client.name == names.BUSY else set()
        for tag in sorted(found):
            self.rows.add("account_tag", account_id=client.account_id, tag_id=self.office.tags[tag])

    def _contacts(self, client: Client, size: int, owner: str) -> None:
        donor = self.made.get(names.SHARED.get(client.name, ""))
        if donor is not None:
            for person in donor.people[: 2 if donor.name == names.COUPLE else 1]:
                relation = "Geschäftsführung" if client.kind == "company" else "Vorstand"
                shared = Person(person.contact_id, person.name, person.address_id, person.email)
                self._link(client, shared, relation)
        place = PLACES[self.random.randrange(len(PLACES))]
        street = f"{self.fake.street_name()} {self.random.randint(1, 140)}"
        for turn in range(size):
            self._contact(client, turn, owner, place, street)

    def _contact(self, client: Client, turn: int, owner: str, place: tuple[str, ...], street: str) -> None:
        is_female = self.random.random() < 0.5
        first = self.fake.first_name_female() if is_female else self.fake.first_name_male()
        last = owner if owner and turn == 0 else self.fake.last_name()
        relation = self.random.choice(FEMALE if is_female else MALE) if turn else ("Geschäftsführerin" if is_female else "Geschäftsführer")
        if client.kind == "other":
            relation = ["Vorstand", "Kassenwartin" if is_female else "Kassenwart", "Schriftführung"][turn % 3]
        if client.kind == "person":
            couple = client.name in names.COUPLES
            last = client.name.split()[-1]
            relation = None
            if " und " in client.name and turn < 2:
                first = client.name.split(" und ")[turn].split()[0 if turn else -1]
                is_female = turn == 0
                relation = "Ehefrau" if is_female else "Ehemann"
            elif not couple:
                first = client.name.removesuffix(last).strip()
            elif turn < 2:
                first = self.fake.first_name_female() if turn == 0 else self.fake.first_name_male()
                relation = "Ehefrau" if turn == 0 else "Ehemann"
            else:
                relation = "Kind"
        name = f"{first} {last}"
        created = client.since
        contact = self.rows.add(
            "contact", name=name, salutation=None if client.kind == "person" and relation is None else "Frau" if is_female else "Herr",
            first_name=first, last_name=last, company=None if client.kind == "person" else client.name,
            phone=f"{place[2]} {self.random.randint(200000, 999999)}", mobile=self._mobile(), street=street, postcode=place[0],
            city=place[1], country="DE", born_on=self._birthday(relation == "Kind"), language="de", created_at=created,
        )  # fmt: skip
        if client.kind == "person" and self.random.random() < 0.5 and relation != "Kind":
            field = self.office.fields["contact", "beruf"]
            self.rows.add("contact_field_value", contact_id=contact, custom_field_id=field, value=self.random.choice(JOBS))
        self._addresses(client, contact, name, relation, created)

    def _addresses(self, client: Client, contact: int, name: str, relation: str | None, created: datetime) -> None:
        slug = "".join(words(folds(client.name)[1])[:2])[:22]
        primary = self._address(
            contact, email_of(name, "postfach.example" if client.kind == "person" else f"{slug}.example"), created, is_primary=True,
            label="Privat" if client.kind == "person" else "Geschäftlich",
        )  # fmt: skip
        self._link(client, Person(contact, name, *primary), relation)
        turn = self.random.random()
        last = name.rsplit(maxsplit=1)[-1]
        if turn < 0.13:
            field = self.office.fields["contact", "email_privat"]
            self._address(contact, email_of(name, "privatpost.example"), created, label="E-Mail privat", custom_field_id=field)
        elif turn < 0.22:
            holder = f"{self.fake.first_name()} {last if client.kind == 'person' else self.fake.last_name()}"
            kind = ("Familie", "Ehepartner") if client.kind == "person" else ("Buchhaltung", "Mitarbeiterin")
            domain = "familienpost.example" if client.kind == "person" else f"{slug}.example"
            extra = self._address(contact, email_of(holder, domain), created, label=kind[0], holder_name=holder, holder_relation=kind[1])
            if client.kind == "company":
                self._access(client, Person(contact, holder, *extra), is_first=False)
            if turn < 0.16:
                self._address(contact, email_of(name, "altpost.example"), created, label="Früher")

    def _address(self, contact: int, email: str, created: datetime, **values: object) -> tuple[int, str]:
        local, domain = email.split("@")
        turn = 1
        while email in self.used:
            turn += 1
            email = f"{local}{turn}@{domain}"
        self.used.add(email)
        row = {"label": None, "holder_name": None, "holder_relation": None, "is_primary": False, "custom_field_id": None} | values
        return self.rows.add("contact_email", contact_id=contact, email=email, created_at=created, **row), email

    def _link(self, client: Client, person: Person, relation: str | None) -> None:
        linked = client.since
        self.rows.add("account_contact", account_id=client.account_id, contact_id=person.contact_id, relation=relation, created_at=linked)
        client.people.append(person)
        self._access(client, person, is_first=len(client.people) == 1)

    def _access(self, client: Client, person: Person, *, is_first: bool) -> None:
        granted = client.since
        wanted = {"active": is_first or self.random.random() < 0.55, "pending": is_first, "archived": self.random.random() < 0.6}
        person.logs_in = wanted.get(client.state, False)
        if person.logs_in and client.state in ("active", "archived") and (is_first or self.random.random() < 0.8):
            until = client.until - timedelta(hours=2)
            person.first_login_at = self.calendar.moment(is_client=True, since=client.since + timedelta(minutes=30), until=until)
            if self.random.random() < 0.7:
                soon = client.since + timedelta(days=40)
                person.first_login_at = self.calendar.moment(is_client=True, since=client.since, until=min(soon, until))
        person.signs = is_first or client.name == names.HALF_SIGNED or self.random.random() < 0.3
        sync, notify = self.random.random() < 0.72, person.logs_in and self.random.random() < 0.85
        self.rows.add(
            "email_access", account_id=client.account_id, contact_id=person.contact_id, contact_email_id=person.address_id,
            login=person.logs_in, email_sync=sync, notify=notify, signatory=person.signs,
            login_since=granted if person.logs_in else None, email_sync_since=granted if sync else None,
            notify_since=granted if notify else None, signatory_since=granted if person.signs else None,
            first_login_at=person.first_login_at,
        )  # fmt: skip

    def _mobile(self) -> str | None:
        return self.random.choice(MOBILE).format(self.random.randint(0, 99)) if self.random.random() < 0.6 else None

    def _birthday(self, is_child: bool) -> date | None:
        if self.random.random() < 0.45:
            return None
        return self.calendar.today - timedelta(days=self.random.randint(3000, 9000) if is_child else self.random.randint(9500, 29000))
