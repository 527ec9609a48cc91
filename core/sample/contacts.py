"""The contacts of the sample's clients: people, addresses, and what each address may."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from faker import Faker

from core.base.contact_points import one_telephone
from core.base.text_folding import folds, words
from core.sample import names
from core.sample.office import Client, Office, Person, email_of
from core.sample.places import HOUSES, STREETS, Place

RELATIONS = dict.fromkeys(["Einzelunternehmen", "Freiberuflich", "e. K."], "Inhaber")
RELATIONS |= dict.fromkeys(["GbR", "OHG", "PartG mbB"], "Gesellschafter") | dict.fromkeys(["AG", "eG"], "Vorstand")
OTHER_RELATIONS = {
    "Erbengemeinschaft": ["Bevollmächtigung", "Miterbe", "Miterbe"],
    "WEG": ["Verwaltung", "Beirat", "Beirat"],
}
CHILDREN = ("Tochter", "Sohn")
WOMEN = ("Ruth", "Heike", "Jasmin")
WORK = [
    "Schuldienst",
    "Ingenieurwesen",
    "Medizin",
    "im Ruhestand",
    "Landwirtschaft",
    "Pflege",
    "Handel",
    "Architektur",
    "Verwaltung",
    "selbständig",
]
# Reserved for films and examples; nobody answers.
MOBILE = ["0171 39200{:02d}", "0176 040690{:02d}"]


class Contacts:
    """Add the contacts of one client after the other to the rows."""

    def __init__(self, office: Office) -> None:
        self.office, self.rows, self.random, self.calendar = office, office.rows, office.random, office.calendar
        self.fake = Faker("de_DE")
        self.fake.seed_instance(self.random.randint(0, 2**31))
        self.used: set[str] = set()

    def of(self, client: Client, size: int, owner: str, donor: Client | None) -> None:
        """Link the contacts a client shares with ``donor``, then add ``size`` new ones; ``owner`` is the name of the first, if known."""
        if donor is not None:
            for person in donor.people[: 2 if donor.name == names.COUPLE else 1]:
                relation = "Geschäftsführung" if client.kind == "company" else "Vorstand"
                shared = Person(person.contact_id, person.name, person.address_id, person.email)
                self._link(client, shared, relation)
        street = HOUSES.get(client.name) or f"{self.random.choice(STREETS)} {self.random.randint(1, 140)}"
        for number in range(size):
            self._contact(client, number, owner, client.place, street)

    def _private(self, client: Client, number: int) -> tuple[str, str, bool, str | None]:
        """Return first name, last name, whether a woman, and relation of a private client's contact number ``number`` (from 0)."""
        last = client.name.split()[-1]
        if client.name not in names.COUPLES:
            return client.name.removesuffix(last).strip(), last, False, None
        if number >= 2:
            is_female = self.random.random() < 0.5
            return self._first(is_female), last, is_female, "Tochter" if is_female else "Sohn"
        is_female = number == 0
        first = client.name.split(" und ")[number].split()[0 if number else -1] if " und " in client.name else self._first(is_female)
        return first, last, is_female, "Ehefrau" if is_female else "Ehemann"

    def _official(self, client: Client, number: int, owner: str) -> tuple[str, str, bool, str]:
        """Return the same of a person who acts for a company or an association."""
        is_female = self.random.random() < 0.5
        first, last = self._first(is_female), self._last()
        if number == 0 and owner:
            *given, last = owner.rsplit(" ", 1)
            if given:
                first, is_female = given[0], given[0] in WOMEN
        if client.kind == "other":
            relation = OTHER_RELATIONS.get(client.legal_form, ["Vorstand", "Kassenführung", "Schriftführung"])[number % 3]
            return first, last, is_female, "Miterbin" if is_female and relation == "Miterbe" else relation
        first_relation = RELATIONS.get(client.legal_form, "Geschäftsführer")
        relation = (
            first_relation
            if number == 0
            else self.random.choice(
                ["Buchhalter", "Büroleiter", *(["Prokurist", "Gesellschafter"] if "mbH" in client.name or "GmbH" in client.name else [])]
            )
        )
        return first, last, is_female, relation + "in" if is_female and relation != "Vorstand" else relation

    def _last(self) -> str:
        """Return a family name of one word."""
        return next(name for name in iter(self.fake.last_name, None) if name.isalpha() and name.istitle())

    def _first(self, is_female: bool) -> str:
        return self.fake.first_name_female() if is_female else self.fake.first_name_male()

    def _contact(self, client: Client, number: int, owner: str, place: Place, street: str) -> None:
        first, last, is_female, relation = (
            self._private(client, number) if client.kind == "person" else self._official(client, number, owner)
        )
        name = f"{first} {last}"
        created = client.since
        contact = self.rows.add(
            "contact", name=name, salutation=None if client.kind == "person" and relation is None else "Frau" if is_female else "Herr",
            first_name=first, last_name=last, company=None if client.kind == "person" else client.name,
            phone=one_telephone(f"{place.dialling_code} {self.random.randint(200000, 999999)}"), mobile=self._mobile(), street=street, postcode=place.postcode,
            city=place.town, country="DE", born_on=self._birthday(relation in CHILDREN), language="de", created_at=created,
        )  # fmt: skip
        if client.kind == "person" and self.random.random() < 0.5 and relation not in CHILDREN:
            field = self.office.fields["contact", "beruf"]
            self.rows.add("contact_field_value", contact_id=contact, custom_field_id=field, value=self.random.choice(WORK))
        self._addresses(client, contact, name, relation, created)

    def _addresses(self, client: Client, contact: int, name: str, relation: str | None, created: datetime) -> None:
        slug = "".join(words(folds(client.name)[1])[:2])[:22]
        primary = self._address(
            contact, email_of(name, "postfach.example" if client.kind == "person" else f"{slug}.example"), created, is_primary=True,
            label="Privat" if client.kind == "person" else "Geschäftlich",
        )  # fmt: skip
        self._link(client, Person(contact, name, *primary), relation)
        chance = self.random.random()
        last = name.rsplit(maxsplit=1)[-1]
        if chance < 0.13:
            field = self.office.fields["contact", "email_privat"]
            self._address(contact, email_of(name, "privatpost.example"), created, label="E-Mail privat", custom_field_id=field)
        elif chance < 0.22:
            is_female = self.fake.boolean()
            holder = f"{self._first(is_female)} {last if client.kind == 'person' else self._last()}"
            # In a family the spouse is a contact of its own.
            spouse = "Familie" if relation else "Ehepartner"
            kind = ("Familie", spouse) if client.kind == "person" else ("Buchhaltung", "Mitarbeiter")
            who = kind[1] + "in" if is_female and kind[1] != "Familie" else kind[1]
            domain = "familienpost.example" if client.kind == "person" else f"{slug}.example"
            extra = self._address(contact, email_of(holder, domain), created, label=kind[0], holder_name=holder, holder_relation=who)
            if client.kind == "company":
                client.people.append(Person(contact, name, *extra, holder=holder))
                self._access(client, client.people[-1], is_first=False)
            if chance < 0.16:
                self._address(contact, email_of(name, "altpost.example"), created, label="Früher")

    def _address(self, contact: int, email: str, created: datetime, **values: object) -> tuple[int, str]:
        local, domain = email.split("@")
        number = 1
        while email in self.used:
            number += 1
            email = f"{local}{number}@{domain}"
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
        is_busy = client.name == names.BUSY
        wanted = {"active": is_first or is_busy or self.random.random() < 0.55, "pending": is_first, "archived": self.random.random() < 0.6}
        person.logs_in = wanted.get(client.state, False)
        if person.logs_in and client.state in ("active", "archived") and (is_first or is_busy or self.random.random() < 0.8):
            until = (client.quiet_since or client.until) - timedelta(hours=2)
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
        return one_telephone(self.random.choice(MOBILE).format(self.random.randint(0, 99))) if self.random.random() < 0.6 else None

    def _birthday(self, is_child: bool) -> date | None:
        if self.random.random() < 0.45:
            return None
        return self.calendar.today - timedelta(days=self.random.randint(3000, 9000) if is_child else self.random.randint(9500, 29000))
