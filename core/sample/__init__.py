"""The sample firm: German, made up, the same for the same day. An installation that holds it says so on every page."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from random import Random

from core.base.config import Settings
from core.base.errors import AppError
from core.base.rights import Viewer
from core.clients.search_index import refresh_contacts, refresh_words
from core.identity.passwords import HASHER
from core.overview.figures import figures_select
from core.sample import names, pictures
from core.sample.clients import Clients
from core.sample.contents import store
from core.sample.history import History
from core.sample.mail import Mail
from core.sample.money import Money
from core.sample.office import DOMAIN, TEAM, Client, Office, email_of
from core.sample.papers import Papers
from core.sample.rhythm import BERLIN, Calendar
from core.sample.rows import Rows
from core.sample.stories import Stories
from core.sample.work import Work
from core.store import Tx, engine, now, writer

# Minutes after midnight at which the sample's last day ends.
LAST_MINUTE = 8 * 60 + 40
PHOTOS = 12
# Label of the sign-in in German and English, password; in the order of TEAM.
SIGN_INS = [
    ("Inhaberin", "Owner", "Birnbaum-Laterne-74"),
    ("Administrator", "Admin", "Kieselstein-Ahoi-28"),
    ("Mitarbeiterin mit allen Rechten", "Employee with every right", "Sonnenuhr-Tapete-51"),
    ("Mitarbeiter, nur zugeordnete Kunden", "Employee, assigned clients only", "Wolkenbruch-Zimt-36"),
]


class SampleNotEmptyError(AppError):
    """The store already holds data; the sample is never built over it."""

    code = "sample_not_empty"


def last_moment(moment: datetime) -> datetime:
    """Return 8:40 in Berlin on the day of ``moment`` (UTC), or the moment itself if it is earlier: no row lies in the future."""
    day = moment.replace(tzinfo=UTC).astimezone(BERLIN).date()
    return min(Calendar.utc(day, LAST_MINUTE), moment.replace(microsecond=0))


def build_sample(settings: Settings, moment: datetime | None = None) -> None:
    """Build the sample firm into the open, empty store as of ``moment`` (UTC, by default now). Raises SampleNotEmptyError."""
    end = last_moment(moment or now())
    with writer(Viewer.system("sample firm", "command")) as tx:
        if tx.value("SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM staff_member) + (SELECT count(*) FROM firm)"):
            raise SampleNotEmptyError()
        random = Random(end.date().toordinal())  # noqa: S311 - made-up data, no secret
        rows, calendar = Rows(tx), Calendar(random, end)
        hashes = [HASHER.hash(password) for *_, password in SIGN_INS]
        office = Office(rows, random, calendar, hashes, settings.documents)
        clients = Clients(office).build()
        _live(office, clients)
        _draw(office, clients, settings)
        history = History(office, clients)
        history.look()
        rows.load(tx)
        _derive(tx, rows)
        history.write(tx)
        tx.note("created", "firm", rows.tables["firm"][0]["firm_id"], text="sample")
    _write_sign_ins(settings)
    engine().checkpoint()


def _live(office: Office, clients: list[Client]) -> None:
    """Add what happened between the firm and its clients."""
    papers, work, mail, money = Papers(office), Work(office), Mail(office), Money(office)
    stories = Stories(office, papers, work, mail, money)
    active = [client for client in clients if client.name != names.EMPTY]
    for client in active:
        work.of(client)
        papers.of(client)
        mail.of(client)
    money.of_all(active)
    stories.tell({client.name: client for client in active})


def _draw(office: Office, clients: list[Client], settings: Settings) -> None:
    """Draw photos of ``PHOTOS`` clients, among them those with a story."""
    with_story = [client for client in clients if client.name in (names.BUSY, names.COUPLE, names.DISPUTED, names.HALF_SIGNED)]
    others = office.random.sample(
        [client for client in clients if client not in with_story and client.name != names.EMPTY], PHOTOS - len(with_story)
    )
    accounts = {row["account_id"]: row for row in office.rows.tables["account"]}
    for client in [*with_story, *others]:
        image = pictures.portrait(office.random) if client.kind == "person" else pictures.logo(office.random, client.name)
        photo = office.rows.add("photo", account_id=client.account_id, file="", sha256="", created_at=client.since)
        described = store(settings.photos, f"{photo}.webp", image)
        office.rows.tables["photo"][-1] |= {"file": described["file"], "sha256": described["sha256"]}
        accounts[client.account_id]["photo_id"] = photo


def _derive(tx: Tx, rows: Rows) -> None:
    """Compute figures and search words of all accounts."""
    tx.execute(f"INSERT INTO account_figure BY NAME {figures_select('SELECT account_id FROM account')}")  # noqa: S608 - built of names from the code
    refresh_words(tx, (row["account_id"] for row in rows.tables["account"]))
    refresh_contacts(tx, (row["contact_id"] for row in rows.tables["contact"]))


def _write_sign_ins(settings: Settings) -> None:
    """Write the sign-ins that the sign-in page of a sample offers, readable for the owner of the folder only."""
    listed = [
        {"label_de": f"{de}: {name}", "label_en": f"{en}: {name}", "email": email_of(name, DOMAIN), "password": password}
        for (de, en, password), (name, *_) in zip(SIGN_INS, TEAM, strict=False)
    ]
    file = settings.data / "sample-sign-ins.json"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(listed, out, ensure_ascii=False, indent=1)
