"""The sample's clients: accounts in every state, with their facts, tags and team."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from core.sample import identifiers, names
from core.sample.contacts import Contacts
from core.sample.fitting import WITHOUT_BALANCE
from core.sample.office import CHARTS, Client, Office
from core.sample.places import AT, BY_TOWN, PLACES, Place
from core.sample.rhythm import DAY

CONTACTS = 180
# States of the clients whose story asks for one.
STORY_STATES = {
    names.BUSY: "active", names.EMPTY: "offline", names.SILENT: "pending", names.DISPUTED: "active", names.HALF_SIGNED: "active",
    names.NEW: "pending", names.COUPLE: "active", names.COUPLE_COMPANY: "active", names.LONG: "active",
    **dict.fromkeys([names.UNBILLED, names.UNDECIDED, names.UNANSWERED, names.DORMANT, *names.QUIET, *names.LARGE], "active"),
}  # fmt: skip


class Clients:
    """Add 120 accounts with 180 contacts to the rows."""

    def __init__(self, office: Office) -> None:
        self.office, self.rows, self.random, self.calendar = office, office.rows, office.random, office.calendar
        self.contacts = Contacts(office)
        self.made: dict[str, Client] = {}

    def build(self) -> list[Client]:
        """Add and return all clients, private ones first."""
        wanted: list[tuple[str, str, str, list[str]]] = [(name, "person", "", []) for name in names.COUPLES + names.PERSONS]
        for kind, lines in (("company", names.COMPANIES), ("other", names.OTHERS)):
            for line in lines:
                name, *owner, form = line.split("|")
                wanted.append((name, kind, form, owner))
        sizes = self._sizes([name for name, *_ in wanted])
        states = self._states([name for name, *_ in wanted])
        joined = self._joined([name for name, *_ in wanted])
        numbers = {name: 10001 + 3 * place + place % 2 for place, name in enumerate(sorted(joined, key=joined.__getitem__))}
        for name, kind, form, owner in wanted:
            self._client(name, kind, form, states[name], joined[name], str(numbers[name]))
            donor = self.made.get(names.SHARED.get(name, ""))
            self.contacts.of(self.made[name], sizes[name], owner[0] if owner else "", donor)
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
        free = [name for name in listed if name not in STORY_STATES]
        self.random.shuffle(free)
        ends = {"archived": 11, "pending": 20, "offline": 34}
        states, place = dict(STORY_STATES), 0
        for state, end in ends.items():
            states |= dict.fromkeys(free[place:end], state)
            place = end
        return states | dict.fromkeys(free[place:], "active")

    def _joined(self, listed: list[str]) -> dict[str, datetime]:
        first = self.calendar.first_day
        joined = {}
        for name in listed:
            if name not in STORY_STATES and self.random.random() < 0.13:
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
            names.LARGE.get(name) or (700.0 if name == names.BUSY else self.random.uniform(0.6, 1.7)), self._place(name),
            pays_vat=kind == "company" and name not in names.EXEMPT,
            quiet_since=self.calendar.end - names.QUIET[name] * DAY if name in names.QUIET else None,
        )  # fmt: skip
        self.made[name] = client
        self._facts(client, number)
        self._team(client, joined)

    def _place(self, name: str) -> Place:
        """Return where a client is: what its name says, where the person lives who runs it, or anywhere."""
        if name in AT:
            return BY_TOWN[AT[name]]
        donor = self.made.get(names.SHARED.get(name, ""))
        return donor.place if donor else self.random.choice(PLACES)

    def _facts(self, client: Client, number: str) -> None:
        place = client.place
        facts = {"mandantennummer": number, "finanzamt": place.tax_office, "iban": identifiers.iban(self.random)}
        facts["steuernummer"] = identifiers.tax_number(self.random, place.office_number, place.form)
        if client.kind == "person":
            facts["steuer_idnr"] = identifiers.personal_tax_id(self.random)
        else:
            facts["rechtsform"] = client.legal_form
        if client.trades:
            # Only who stands in the commercial register may begin another year, and farms do (§ 4a EStG).
            in_july = client.name in names.FARMS or (client.legal_form not in WITHOUT_BALANCE and self.random.random() < 0.1)
            start = date(self.calendar.today.year, 7 if in_july else 1, 1)
            start = start if start <= self.calendar.today else start.replace(year=start.year - 1)
            facts |= {"ust_idnr": identifiers.vat_id(self.random)} if client.pays_vat else {}
            facts |= {"kontenrahmen": self.random.choice(CHARTS[:2])}
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
        found |= {"VIP", "Digitale Belege", "Lohn"} if client.name == names.BUSY else set()
        found |= {"Lohn"} if client.name in names.LARGE else set()
        found -= set() if client.pays_vat else {"Dauerfristverlängerung"}
        client.has_wages = "Lohn" in found
        client.has_extension = "Dauerfristverlängerung" in found
        for tag in sorted(found):
            self.rows.add("account_tag", account_id=client.account_id, tag_id=self.office.tags[tag])
