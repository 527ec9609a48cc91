"""The bench firm: ``make bench-data SIZE=S|L`` builds it under ``.bench/``, and beside it the same rows in PostgreSQL.

L: 1,000,000 accounts, 1,400,000 addresses, 100,000,000 activity rows over the thirteen kinds, the busiest account with 50,000
of them; sorted as ``tidy`` leaves them, times in any order within an account, and 1,000,000 rows more, unsorted behind them,
written in transactions of 1,000. S is a hundredth in accounts and rows, of the same skew: its busiest account is as large.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.base.config import read_settings
from core.base.rights import Right, Viewer
from core.clients.search_index import contact_row, search_rows
from core.operations.installation import open_installation
from core.overview import card_cache
from core.overview.figures import figures_select
from core.store import close_store, engine, now, reader, writer
from tests.bench.frame import ACCOUNTS, ROOT, Context

SYSTEM = Viewer.system("benchmark")
OWNER, EMPLOYEE, OTHERS = 1, 2, range(3, 40)
BUSIEST, BEND, SLOPE = 50_000, 69, 0.8
FIRST = "Anna Björn Çelik Dörte Emil Fritz Grete Hans Ilse Jürgen Käthe Lukas Marie Nils Özlem Paul Rosa Sören Thea Uwe Vera Wim Zoë"
PARTS = "Berg Brand Busch Dorf Feld Fuchs Groß Grün Hof Holz Kamp Klein Koch König Kraft Kühn Lind Mann Meier Mühl Müller Neu Ober"
ENDS = "bauer berger brunn burg eck er hauer hofer mann meyer meister müller ner off rich schmidt stein thal wald wirth zahn zweig"
FORMS = ("GmbH", "& Söhne OHG", "KG", "AG", "GbR", "Bau", "Textil", "Transporte", "Gartenbau", "Straßenbau")
MAIL = ("post.example", "mail.example", "büro.example", "kanzlei-netz.example", "firma-nord.example")


def _pick(words: list[str], seed: int) -> str:
    return f"{words!r}[1 + h({seed}) % {len(words)}]"


def _ago(seed: int, days: int = 547) -> str:
    return f"$now - to_minutes(CAST(h({seed}) % {days * 1440} AS INTEGER))"


def _day(seed: int, days: int = 547, ahead: int = 40) -> str:
    return f"CAST($now AS DATE) + {ahead} - CAST(h({seed}) % {days} AS INTEGER)"


_MEMBER = f"{OTHERS[0]} + h(90) % {len(OTHERS)}"
# Per kind of activity its share of all rows, and its columns: h(n) is a number that hangs on account, row and n.
KINDS: dict[str, tuple[float, dict[str, str]]] = {
    "email": (0.30, {
        "subject": "'Nachricht zu Vorgang ' || h(1) % 100000", "from_address": "'absender' || account_id || '@post.example'",
        "to_address": "'kanzlei@kanzlei.example'", "sent_at": _ago(2), "direction": _pick(["received", "sent"], 3), "is_read": "h(4) % 20 > 0",
    }),
    "login": (0.14, {
        "contact_id": "account_id", "contact_email_id": "account_id * 2", "email": "'absender' || account_id || '@post.example'",
        "tried_at": _ago(1), "network_address": "'192.0.2.' || h(2) % 250", "device": _pick(["Firefox, Windows", "Safari, iPhone"], 3),
        "outcome": "CASE WHEN h(4) % 12 = 0 THEN 'failed' ELSE 'success' END",
    }),
    "time_entry": (0.14, {
        "worked_on": _day(1, ahead=0), "staff_member_id": _MEMBER, "text": "'Buchhaltung ' || h(2) % 40", "minutes": "15 * (1 + h(3) % 20)",
        "rate": "90", "amount": "22.5 * (1 + h(3) % 20)", "is_billed": "h(4) % 5 > 0", "created_at": _ago(1),
    }),
    "document": (0.14, {
        "name": "'Beleg ' || h(1) % 1000000 || '.pdf'", "uploaded_at": _ago(2), "is_from_client": "h(3) % 3 > 0", "contact_id": "account_id",
        "staff_member_id": _MEMBER, "is_shared": "h(5) % 2 = 0", "status": _pick(["none", "approved", "pending_signature"], 6),
        "seen_at": f"CASE WHEN h(7) % 30 > 0 THEN {_ago(2)} END", "media_type": "'application/pdf'", "size_bytes": "1000 + h(8) % 900000",
    }),
    "task": (0.08, {
        "title": "'Aufgabe ' || h(1) % 100000", "due_on": _day(2), "priority": _pick(["low", "normal", "high", "urgent"], 3),
        "status": _pick(["completed"] * 7 + ["planned", "in_progress", "waiting"], 4), "created_at": _ago(5),
    }),
    "invoice": (0.05, {
        "number": "'R' || account_id || '-' || k", "issued_on": _day(1, ahead=0), "due_on": _day(1, ahead=14), "total": "10 + h(2) % 90000 / 100",
        "paid_amount": "CASE WHEN h(3) % 6 > 0 THEN 10 + h(2) % 90000 / 100 ELSE 0 END",
        "status": "CASE WHEN h(3) % 6 > 0 THEN 'paid' WHEN h(3) % 24 = 0 THEN 'scheduled' ELSE 'unpaid' END", "created_at": _ago(1),
    }),
    "note": (0.05, {
        "text": "'Hinweis ' || h(1) % 1000000 || ': bitte beim nächsten Anruf ansprechen'", "staff_member_id": _MEMBER, "saved_at": _ago(2),
        "is_pinned": "h(3) % 60 = 0",
    }),
    "chat": (0.04, {
        "subject": "'Gespräch ' || h(1) % 100000", "is_closed": "h(2) % 4 > 0", "created_at": _ago(3), "last_message_at": _ago(3),
        "last_message": "'Vielen Dank, das passt so.'", "last_is_from_client": "h(4) % 2 = 0", "last_by_name": "'Jemand ' || h(5) % 99",
        "read_at": f"CASE WHEN h(6) % 9 > 0 THEN {_ago(3)} END",
    }),
    "job": (0.02, {
        "name": "'Auftrag ' || h(1) % 100000", "pipeline_id": "1 + h(2) % 4", "stage_id": "10 * (1 + h(2) % 4) + h(3) % 6",
        "status": _pick(["active", "completed", "completed", "archived"], 4), "created_at": _ago(5), "stage_since_at": _ago(5), "due_on": _day(6),
    }),
    "approval": (0.01, {
        "document_name": "'Beleg ' || h(1) % 1000000", "asked_at": _ago(2), "status": _pick(["approved", "approved", "pending", "disapproved"], 3),
    }),
    "signature": (0.01, {
        "document_name": "'Beleg ' || h(1) % 1000000", "sent_at": _ago(2), "status": _pick(["signed", "signed", "pending", "voided"], 3),
    }),
    "organizer": (0.01, {
        "name": "'Fragebogen ' || h(1) % 1000", "sent_at": _ago(2), "updated_at": _ago(2), "question_count": "20", "answered_count": "h(3) % 21",
        "status": _pick(["submitted", "pending", "sealed"], 4),
    }),
    "contract": (0.01, {
        "name": "'Vertrag ' || h(1) % 1000", "sent_at": _ago(2), "status": _pick(["signed", "signed", "pending", "declined"], 3),
    }),
}  # fmt: skip


def _name(dice: random.Random) -> str:
    family = dice.choice(PARTS.split()) + dice.choice(ENDS.split()) + (dice.choice(("", "", "s", "e", "in")) if dice.random() < 0.5 else "")
    if dice.random() < 0.2:
        family += "-" + dice.choice(PARTS.split()) + dice.choice(ENDS.split())
    return f"{family} {dice.choice(FORMS)}" if dice.random() < 0.3 else f"{dice.choice(FIRST.split())} {family}"


def _pieces(accounts: int) -> Iterator[tuple[list, list, list, list, list, list]]:
    dice = random.Random(11)
    for start in range(1, accounts + 1, 100_000):
        account, words, texts, emails, contacts, contact_texts = [], [], [], [], [], []
        for number in range(start, min(start + 100_000, accounts + 1)):
            name = _name(dice)
            addresses = [
                f"{name.split()[0].lower()}.{name.split()[-1].lower()}{number}@{dice.choice(MAIL)}"
                for _ in range(1 + (dice.random() < 0.4))
            ]
            # Of every third client, a person, the contact is the client; of the others somebody else.
            contact = name if number % 3 == 0 else f"{dice.choice(FIRST.split())} {_name(dice).split()[-1]}"
            phone = f"+49 {dice.choice(('30', '40', '421', '69', '89'))} {dice.randrange(1_000_000, 99_999_999)}"
            known = [f"c{contact}", f"p{phone}", *(f"e{address}" for address in addresses)]
            found, text = search_rows(number, name, str(10000 + number), known)
            contacts.append((number, contact, phone))
            contact_texts.append(contact_row(number, contact, known[1:]))
            account.append((number, str(10000 + number), name))
            words += found
            texts.append(text)
            emails += [(number * 2 + place, number, address) for place, address in enumerate(addresses)]
        yield account, words, texts, emails, contacts, contact_texts


def _table(names: str, rows: list[tuple]) -> pa.Table:
    return pa.table(dict(zip(names.split(), map(list, zip(*rows, strict=True)), strict=True)))


def build_firm() -> None:
    """The firm, its people, pipelines, tags."""
    with writer(SYSTEM) as tx:
        moment = now()
        tx.insert("firm", name="Messkanzlei", created_at=moment)
        for member in (OWNER, EMPLOYEE, *OTHERS):
            role = "owner" if member == OWNER else "employee"
            tx.insert("staff_member", staff_member_id=member, name=f"Mitglied {member}", role=role, created_at=moment)
        for right in (Right.SEE_INVOICES, Right.SEE_ALL_TIME, Right.SEE_RATES):
            tx.insert("staff_right", staff_member_id=EMPLOYEE, right_key=right.value)
        for tag in range(1, 21):
            tx.insert("tag", tag_id=tag, name=f"Tag {tag}")
        for pipeline in range(1, 5):
            tx.insert("pipeline", pipeline_id=pipeline, name=f"Pipeline {pipeline}")
            for place in range(6):
                tx.insert("stage", stage_id=10 * pipeline + place, pipeline_id=pipeline, name=f"Phase {place}", position=place)


def build_accounts(accounts: int) -> None:
    """Accounts with contacts, addresses, words, tags and assignments, sorted as ``tidy`` leaves them."""
    words = []
    with writer(SYSTEM) as tx:
        moment = now()
        for account, found, texts, emails, contacts, contact_texts in _pieces(accounts):
            words.append(_table("word account_id rank", found).set_column(2, "rank", pa.array([row[2] for row in found], pa.uint8())))
            tx.insert_table("search_text", _table("account_id name everything", texts))
            rows = _table("account_id number name", account)
            tx.insert_table("account", rows.append_column("created_at", pa.array([moment] * len(account), pa.timestamp("us"))))
            mails = _table("contact_email_id contact_id email", emails)
            tx.insert_table("contact_email", mails.append_column("created_at", pa.array([moment] * len(emails), pa.timestamp("us"))))
            people = _table("contact_id name phone", contacts)
            since = pa.array([moment - timedelta(days=1)] * len(contacts), pa.timestamp("us"))
            tx.insert_table("contact", people.append_column("created_at", since))
            tx.insert_table("search_contact", _table("contact_id name everything", contact_texts))
        tx.insert_table("search_word", pa.concat_tables(words).sort_by([("word", "ascending"), ("rank", "ascending")]))
        given = {"moment": moment - timedelta(days=1)}
        tx.execute(
            "INSERT INTO account_contact (account_id, contact_id, created_at) SELECT account_id, account_id, $moment FROM account", given
        )
        tx.execute("UPDATE account SET kind = ['person', 'company', 'other'][1 + (hash(account_id) % 3)::INT], state = 'active'")
        tx.execute("INSERT INTO account_tag SELECT account_id, 1 + hash(account_id, 4) % 20 FROM account WHERE hash(account_id, 5) % 3 > 0")
        chosen = sorted(random.Random(5).sample(range(1, accounts + 1), min(199, accounts)))
        tx.execute(
            f"""INSERT INTO assignment SELECT unnest({sorted({busiest(accounts), *chosen})}) AS account_id, {EMPLOYEE}, $moment
            UNION ALL SELECT account_id, {OTHERS[0]} + hash(account_id, 6) % {len(OTHERS)}, $moment FROM account ORDER BY 2, 1""",
            given,
        )


def busiest(accounts: int) -> int:
    """The account with the most rows: in the middle of all."""
    return accounts // 2


def _inserted(table: str, numbered: str, accounts: str) -> str:
    """An INSERT of this kind of rows for a source of (account_id, k)."""
    columns = dict(KINDS[table][1])
    values = ", ".join(f"{expression} AS {column}" for column, expression in columns.items())
    for seed in range(100):
        values = values.replace(f"h({seed})", f"CAST(hash(account_id, k, {seed}) // 4 AS BIGINT)")
    return f"INSERT INTO {table} BY NAME SELECT {numbered} AS {table}_id, account_id, {values} FROM ({accounts})"


def build_activity(accounts: int, say=print) -> None:
    """The thirteen kinds of rows, sorted by account, and what hangs on some of them."""
    with writer(SYSTEM) as tx:
        tx.execute(
            f"""CREATE TEMP TABLE share AS SELECT account_id, {min(BUSIEST, 5 * accounts)} * power(1 + place * {ACCOUNTS["L"] / accounts} / {BEND}, -{SLOPE}) AS n
            FROM (SELECT account_id, row_number() OVER (ORDER BY account_id <> {busiest(accounts)}, hash(account_id, 7)) - 1 AS place FROM account)
            ORDER BY account_id"""
        )
    for place, (table, (part, _)) in enumerate(KINDS.items(), 1):
        began = time.perf_counter()
        count = f"CAST(floor(n * {part} + (hash(account_id, {place}) % 1000) / 1000) AS BIGINT)"
        rows = f"SELECT account_id, unnest(range({count})) AS k FROM temp.share"
        with writer(SYSTEM) as tx:
            tx.execute(_inserted(table, f"{place * 1_000_000_000}::BIGINT + row_number() OVER ()", rows), {"now": now()})
        say(f"  {table}: {time.perf_counter() - began:.0f} s")
    with writer(SYSTEM) as tx:
        tx.execute(
            f"INSERT INTO task_assignee SELECT 60000000000 + task_id, account_id, task_id, {OTHERS[0]} + task_id % {len(OTHERS)} FROM task"
        )
        for kind in ("signature", "contract"):
            tx.execute(
                f"""INSERT INTO signatory BY NAME SELECT 70000000000 + {kind}_id AS signatory_id, account_id, {kind}_id, account_id AS contact_id, account_id * 2 AS contact_email_id,
                CASE WHEN status = 'signed' THEN sent_at END AS signed_at FROM {kind}"""
            )
        tx.execute(
            """INSERT INTO credit BY NAME SELECT 50000000000 + account_id AS credit_id, account_id, DATE '2026-01-01' AS booked_on,
            hash(account_id) % 90000 / 100 AS amount, $now AS created_at FROM account WHERE hash(account_id, 8) % 4 = 0""",
            {"now": now()},
        )
        tx.execute("DROP TABLE temp.share")


def build_tail(rows: int, accounts: int, each: int = 1000) -> None:
    """Rows of any account behind the sorted ones, in transactions of a thousand, as a busy day leaves them."""
    dice, kinds = random.Random(17), list(KINDS)
    for turn in range(rows // each):
        table = dice.choices(kinds, [KINDS[kind][0] for kind in kinds])[0]
        source = f"SELECT 1 + CAST(hash({turn}, i) % {accounts} AS BIGINT) AS account_id, 1000000 + i AS k FROM range({each}) AS r(i)"
        with writer(SYSTEM) as tx:
            tx.execute(_inserted(table, f"{90_000_000_000 + turn * each} + row_number() OVER ()", source), {"now": now()})


def build_figures(accounts: int) -> None:
    """The figures of the client list, in ranges."""
    for start in range(0, accounts, 100_000):
        with writer(SYSTEM) as tx:
            tx.execute(
                f"INSERT INTO account_figure BY NAME {figures_select(f'SELECT account_id FROM account WHERE account_id > {start} AND account_id <= {start + 100_000}')}"
            )


def build(accounts: int, say=print) -> None:
    """The whole firm in the open store."""
    steps = {
        "firm": build_firm,
        "accounts, contacts, words": lambda: build_accounts(accounts),
        "activity": lambda: build_activity(accounts, say),
        "unsorted rows": lambda: build_tail(accounts, accounts),
        "figures": lambda: build_figures(accounts),
        "cards": lambda: card_cache.fill(max_s=3),
        "checkpoint": lambda: engine().checkpoint(),
    }
    for name, step in steps.items():
        began = time.perf_counter()
        step()
        say(f"{name}: {time.perf_counter() - began:.0f} s")


def is_built() -> bool:
    """Whether the open store holds a bench firm."""
    with reader(SYSTEM) as r:
        return bool(r.value("SELECT count(*) FROM account_figure"))


def opened(context: Context) -> bool:
    """Open the bench firm of this size, built when it is missing and small. False when it is missing and large."""
    folder = context.folder / "firm" if context.tiny else context.data
    if context.size == "L" and not (folder / "kundenblick.duckdb").exists():
        return False
    close_store()
    open_installation(read_settings({}, data=str(folder)))
    if not is_built():
        context.say(f"building the firm of {context.accounts} accounts")
        build(context.accounts, context.say)
    return True


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--size", choices=("S", "L"), default="S")
    options.add_argument("--data", type=Path, help="another folder than .bench/SIZE")
    options.add_argument("--postgres", action="store_true", help="load PostgreSQL too")
    given = options.parse_args()
    folder = given.data or ROOT / ".bench" / given.size
    open_installation(read_settings({}, data=str(folder)))
    try:
        if not is_built():
            build(ACCOUNTS[given.size], lambda text: print(text, flush=True))
        with reader(SYSTEM) as r:
            counts = {kind: r.value(f"SELECT count(*) FROM {kind}") for kind in ("account", "contact_email", *KINDS)}
        print(", ".join(f"{kind} {count:,}" for kind, count in counts.items()))
        print(f"activity rows: {sum(counts[kind] for kind in KINDS):,}")
        if given.postgres:
            from tests.bench.postgres import cluster, connect, load

            with cluster(folder) as where, connect(where) as connection:
                load(connection, lambda text: print(text, flush=True))
    finally:
        close_store()


if __name__ == "__main__":
    main()
