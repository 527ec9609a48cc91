"""The sample firm: German, made up, the same for the same day; every installation that holds it says so."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from core.config import Settings
from core.errors import AppError
from core.members import HASHER
from core.rights import Viewer
from core.sample import files
from core.sample.activity import Activity
from core.sample.calendar import Calendar
from core.sample.people import BUSY, EMPTY, SIGN_INS, TEAM, People, email_of, seeded
from core.sample.rows import Rows
from core.store import engine, writer
from core.store.derived import figures_select, search_rows

IDS = 130_000
BUSY_SCALE = 700.0
PASSWORDS = ["Birnbaum-Laterne-74", "Kieselstein-Ahoi-28", "Sonnenuhr-Tapete-51", "Wolkenbruch-Zimt-36"]


class NotEmpty(AppError):
    """The sample firm is never built over somebody's data."""

    code = "sample_not_empty"


def build_sample(settings: Settings, now: datetime | None = None) -> None:
    """Build the sample firm into the open, empty store. Raises NotEmpty."""
    now = now or datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    with writer(Viewer.system("sample firm", "command")) as tx:
        if tx.value("SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM staff_member)"):
            raise NotEmpty()
        random = seeded(int(now.strftime("%Y%m%d")))
        calendar, rows = Calendar(random, now), Rows(tx, IDS)
        rows.add(
            "firm",
            name="Musterkanzlei Lindner & Partner",
            is_sample=True,
            currency="EUR",
            time_zone="Europe/Berlin",
            created_at=now - timedelta(days=900),
        )
        people = People(rows, random, calendar, now)
        people.team([HASHER.hash(word) for word in PASSWORDS] + [None] * (len(TEAM) - len(PASSWORDS)))
        clients = people.clients()
        activity = Activity(rows, random, calendar, people.members, settings.documents)
        for client in clients:
            if client.name != EMPTY:
                activity.of(client, BUSY_SCALE if client.name == BUSY else random.uniform(0.4, 1.8))
        for client in random.sample(clients, 12):
            photo = rows.add("photo", account_id=client.account_id, file="", sha256="", created_at=now)
            described = files.store(settings.photos, f"{photo}.webp", files.face(random))
            rows.tables["photo"][-1] |= {"file": described["file"], "sha256": described["sha256"]}
            next(row for row in rows.tables["account"] if row["account_id"] == client.account_id)["photo_id"] = photo
        _defaults(rows)
        rows.load(tx)
        _derive(tx, rows)
        tx.note("created", "firm", text="sample")
    _write_sign_ins(settings)
    engine().checkpoint()


def _defaults(rows: Rows) -> None:
    """What a bulk load leaves to the schema elsewhere."""
    for table, column in (("account", "photo_id"),):
        for row in rows.tables[table]:
            row.setdefault(column, None)


def _derive(tx, rows: Rows) -> None:
    tx.execute(f"INSERT INTO account_figure BY NAME {figures_select('SELECT account_id FROM account')}")
    emails: dict[int, list[str]] = {}
    by_contact: dict[int, list[str]] = {}
    for row in rows.tables["contact_email"]:
        by_contact.setdefault(row["contact_id"], []).append(row["email"])
    for row in rows.tables["account_contact"]:
        emails.setdefault(row["account_id"], []).extend(by_contact.get(row["contact_id"], []))
    word_rows, text_rows = [], []
    for row in rows.tables["account"]:
        found, text = search_rows(row["account_id"], row["name"], row["number"], emails.get(row["account_id"], ()))
        word_rows += found
        text_rows.append(text)
    word_rows.sort()
    columns = list(zip(*word_rows, strict=True))
    tx.insert_table("search_word", pa.table({"word": columns[0], "account_id": columns[1], "rank": columns[2]}))
    texts = list(zip(*sorted(text_rows), strict=True))
    tx.insert_table("search_text", pa.table({"account_id": texts[0], "name": texts[1], "everything": texts[2]}))


def _write_sign_ins(settings: Settings) -> None:
    listed = [
        {
            "label_de": f"{de}: {TEAM[place][0]}",
            "label_en": f"{en}: {TEAM[place][0]}",
            "email": email_of(TEAM[place][0], "musterkanzlei.example"),
            "password": word,
        }
        for (de, en, place), word in zip(SIGN_INS, PASSWORDS, strict=True)
    ]
    file = settings.data / "sample-sign-ins.json"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(listed, out, ensure_ascii=False, indent=1)
