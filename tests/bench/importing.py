"""An import of accounts with contacts and addresses from CSV: how long, how much memory, and how long others wait meanwhile.

``python tests/bench/importing.py --accounts 10000`` prints what was measured. A child process holds the store and imports,
as the server does, while one thread adds a note every 50 ms, one reads an overview and one searches.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bench.frame import Context, Row

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

MAPPING = """name = "bench"
[files.clients]
path = "clients.csv"
delimiter = ";"
[[tables]]
table = "account"
file = "clients"
key = ["no"]
fields = { number = "no", name = "name", kind = { from = "kind", codes = { F = "company", P = "person" } } }
[[tables]]
table = "contact"
file = "clients"
key = ["no"]
[tables.fields]
name = "contact"
phone = "phone"
street = "street"
postcode = "postcode"
city = "city"
country = { value = "DE" }
[[tables]]
table = "account_contact"
file = "clients"
fields = { account_id = "no", contact_id = "no" }
[[tables]]
table = "contact_email"
file = "clients"
key = ["no"]
fields = { contact_id = "no", email = "email", is_primary = { value = true } }
[[tables]]
table = "contact_email"
file = "clients"
key = ["no", "second"]
when = "second"
fields = { contact_id = "no", email = "second" }
"""
HEAD = ("no", "name", "kind", "contact", "phone", "street", "postcode", "city", "email", "second")
FIRST = "Anna Björn Çelik Dörte Emil Fritz Grete Hans Ilse Jürgen Käthe Lukas Marie Nils Özlem Paul Rosa Sören Thea Uwe Vera Wim Zoë"
PARTS = "Berg Brand Busch Dorf Feld Fuchs Groß Grün Hof Holz Kamp Klein Koch König Kraft Kühn Lind Mann Meier Mühl Müller Neu Ober"
ENDS = "bauer berger brunn burg eck er hauer hofer mann meyer meister müller ner off rich schmidt stein thal wald wirth zahn zweig"
FORMS = ("GmbH", "& Söhne OHG", "KG", "AG", "GbR", "Bau", "Textil", "Transporte", "Gartenbau", "Straßenbau")
MAIL = ("post.example", "mail.example", "kanzlei-netz.example", "firma-nord.example")
SECONDS, CALM = 0.05, 5
# Seconds from which on a wait is told by itself, with its moment.
SLOW = 0.2


def write_files(folder: Path, accounts: int) -> Path:
    """The clients and their mapping; four of ten have a second address. Returns the mapping."""
    dice = random.Random(5)
    first, parts, ends = FIRST.split(), PARTS.split(), ENDS.split()
    with (folder / "clients.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(HEAD)
        for number in range(100_001, 100_001 + accounts):
            given, family = dice.choice(first), dice.choice(parts) + dice.choice(ends)
            firm = dice.random() < 0.3
            email = f"{given}.{family}{number}@{dice.choice(MAIL)}".lower().translate(
                {228: "ae", 246: "oe", 252: "ue", 223: "ss", 231: "c"}
            )
            second = email.replace("@", ".privat@") if dice.random() < 0.4 else ""
            name = f"{family} {dice.choice(FORMS)}" if firm else f"{given} {family}"
            phone, street = f"030 {dice.randrange(2_000_000, 9_999_999)}", f"{dice.choice(parts)}straße {dice.randrange(1, 200)}"
            place = (f"{dice.randrange(1067, 99998):05}", f"{dice.choice(parts)}{dice.choice(ends)}")
            writer.writerow((number, name, "F" if firm else "P", f"{given} {family}", phone, street, *place, email, second))
    (folder / "bench.toml").write_text(MAPPING, "utf-8")
    return folder / "bench.toml"


def bare(folder: Path) -> float:
    """Seconds of the bare DuckDB statements that bring the same rows into four sorted tables of a file."""
    import duckdb

    began = time.perf_counter()
    connection = duckdb.connect(":memory:")
    connection.execute(f"ATTACH '{folder / 'bare.duckdb'}' AS bare")
    connection.execute(
        f"""CREATE TABLE bare.source AS SELECT *, row_number() OVER () AS id
        FROM read_csv('{folder / "clients.csv"}', delim = ';', header = true, all_varchar = true)"""
    )
    for name, columns in (
        ("account", "id, no, name, kind"),
        ("contact", "id, contact, phone, street, postcode, city"),
        ("account_contact", "id, id AS contact_id"),
    ):
        connection.execute(f"CREATE TABLE bare.{name} AS SELECT {columns} FROM bare.source ORDER BY id")
    connection.execute(
        """CREATE TABLE bare.contact_email AS SELECT * FROM (SELECT id, email FROM bare.source
        UNION ALL SELECT id, second FROM bare.source WHERE second IS NOT NULL) ORDER BY id"""
    )
    connection.execute("CHECKPOINT bare")
    connection.close()
    return time.perf_counter() - began


class Watch(threading.Thread):
    """One person who does one thing again and again; remembers when each began and how long it took."""

    def __init__(self, name: str, act: Callable[[], object], end: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.act, self.end = act, end
        self.waits: list[tuple[float, float]] = []
        self.problems: list[str] = []

    def run(self) -> None:
        while not self.end.wait(SECONDS):
            began = time.perf_counter()
            try:
                self.act()
            except Exception as problem:
                self.problems.append(repr(problem))
            self.waits.append((began, time.perf_counter() - began))

    def between(self, after: float, before: float) -> dict[str, float]:
        """Milliseconds of the waits that overlap this time: the median, the 95th of a hundred, the longest, and how many."""
        found = sorted(1000 * took for began, took in self.waits if began < before and began + took > after) or [0.0]
        return {"median": found[len(found) // 2], "p95": found[int(len(found) * 0.95)], "longest": found[-1], "n": len(found)}


def measure(folder: Path) -> dict[str, object]:
    """Import ``bench.toml`` of the folder into a small firm and watch; for a process of its own."""
    from core.access.open_account import open_account
    from core.base.config import read_settings
    from core.base.rights import Viewer
    from core.clients.accounts import create_account
    from core.clients.search import search
    from core.i18n import t
    from core.imports.run import import_data
    from core.operations.installation import open_installation
    from core.overview.read import read_overview
    from core.overview.work import add_note
    from core.store import close_store, now, reader, writer

    settings = read_settings({"KUNDENBLICK_DATA": str(folder / "data")})
    open_installation(settings)
    with writer(Viewer.system("bench")) as tx:
        owner = tx.insert("staff_member", name="Inhaberin", email="inhaberin@kanzlei.example", role="owner", created_at=now())
    viewer = Viewer.staff(owner)
    own = [
        create_account(
            viewer, name=f"Müller {n}", kind="company", number=str(n), contact_name=f"Maria {n}", contact_email=f"m{n}@bestand.example"
        )
        for n in range(50)
    ]
    account = open_account(viewer, own[0])
    end = threading.Event()
    watches = {
        "note": Watch("note", lambda: add_note(account, {"text": "Ruft an."}), end),
        "overview": Watch("overview", lambda: read_overview(account), end),
        "search": Watch("search", lambda: search(viewer, "mueller"), end),
    }
    moments: list[tuple[float, str]] = []

    def say(line: str) -> None:
        moments.append((time.perf_counter(), line))

    for watch in watches.values():
        watch.start()
    calm = time.perf_counter()
    time.sleep(CALM)
    began = time.perf_counter()
    good = import_data(settings, folder / "bench.toml", say)
    ended = time.perf_counter()
    time.sleep(1)
    end.set()
    for watch in watches.values():
        watch.join()
    taking = next((moment for moment, line in moments if line == t("imports.taking")), ended)
    with reader(Viewer.system("bench")) as r:
        counts = {t: r.value(f"SELECT count(*) FROM {t}") for t in ("account", "contact_email", "search_word", "audit_entry")}
    kib = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    close_store()
    return {
        "good": good, "seconds": ended - began, "taking": ended - taking, "gib": kib / 2**20, "counts": counts,
        "calm": {name: watch.between(calm, began) for name, watch in watches.items()},
        "staging": {name: watch.between(began, taking) for name, watch in watches.items()},
        "takeover": {name: watch.between(taking, ended + 1) for name, watch in watches.items()},
        "problems": {name: watch.problems[:3] for name, watch in watches.items() if watch.problems},
        "slow": sorted((round(at - began, 1), name, round(1000 * took)) for name, watch in watches.items() for at, took in watch.waits if took > SLOW),
        "said": [(round(moment - began, 1), line) for moment, line in moments][-24:],
    }  # fmt: skip


def run(folder: Path, accounts: int) -> dict[str, object]:
    """Everything of one size: the files, the bare statements, the import in a child."""
    folder.mkdir(parents=True, exist_ok=True)
    write_files(folder, accounts)
    bare_seconds = bare(folder)
    (folder / "bare.duckdb").unlink()
    child = subprocess.run(
        [sys.executable, __file__, "--measure", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=1800
    )
    return json.loads(child.stdout.splitlines()[-1]) | {"bare": bare_seconds}


def rows(context: Context) -> Iterator[Row]:
    """The import rows of the table; waits are told beside those of the same people just before the import began."""
    from tests.bench.frame import at_most, told

    context.say(f"importing {context.accounts:,} accounts")
    found = run(context.folder / "importing", context.accounts)
    what, load = f"import of {context.accounts:,} accounts with contacts from CSV", found["bare"]
    yield at_most(f"{what}: time", found["seconds"] / 60, 10, "min")
    yield told(f"{what}: time ÷ the bare DuckDB statements", f"{found['seconds'] / load:.0f} ×", against=f"DuckDB {load:.1f} s")
    yield at_most(f"{what}: memory, server and child together", found["gib"], 4, "GiB")
    calm = max(wait["longest"] for wait in found["calm"].values())
    for phase, limit, name in (("staging", 200, "while staging"), ("takeover", 2000, "during the final takeover")):
        for who, wait in found[phase].items():
            more = f" (median {wait['median']:.0f}, p95 {wait['p95']:.0f}; longest before the import {calm:.0f})"
            yield at_most(f"{what}: longest wait {name}, {who}", wait["longest"], limit, "ms", more=more)


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--accounts", type=int, default=10_000)
    asked.add_argument("--measure", type=Path)
    options = asked.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure), ensure_ascii=False))
    else:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(run(Path(folder), options.accounts), ensure_ascii=False, indent=1))
