"""How fast the search and Kunden are: ``python tests/bench/search.py --accounts 1000000``; prints medians and p95 in ms."""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.accounts import SORTS, Wish, list_accounts
from core.config import read_settings
from core.rights import Viewer
from core.search import search
from core.store import close_store, now, open_store, reader, writer
from core.store.derived import search_rows

SYSTEM = Viewer.system("benchmark")
OWNER, EMPLOYEE, OTHERS = 1, 2, range(3, 40)
FIRST = "Anna Björn Çelik Dörte Emil Fritz Grete Hans Ilse Jürgen Käthe Lukas Marie Nils Özlem Paul Rosa Sören Thea Uwe Vera Wim Zoë"
PARTS = "Berg Brand Busch Dorf Feld Fuchs Groß Grün Hof Holz Kamp Klein Koch König Kraft Kühn Lind Mann Meier Mühl Müller Neu Ober"
ENDS = "bauer berger brunn burg eck er hauer hofer mann meyer meister müller ner off rich schmidt stein thal wald wirth zahn zweig"
FORMS = ("GmbH", "& Söhne OHG", "KG", "AG", "GbR", "Bau", "Textil", "Transporte", "Gartenbau", "Straßenbau")
MAIL = ("post.example", "mail.example", "büro.example", "kanzlei-netz.example", "firma-nord.example")


def _name(dice: random.Random) -> str:
    family = dice.choice(PARTS.split()) + dice.choice(ENDS.split()) + (dice.choice(("", "", "s", "e", "in")) if dice.random() < 0.5 else "")
    if dice.random() < 0.2:
        family += "-" + dice.choice(PARTS.split()) + dice.choice(ENDS.split())
    return f"{family} {dice.choice(FORMS)}" if dice.random() < 0.3 else f"{dice.choice(FIRST.split())} {family}"


def _pieces(accounts: int) -> Iterator[tuple[list, list, list, list, list]]:
    dice = random.Random(11)
    for start in range(1, accounts + 1, 100_000):
        account, words, texts, links, emails = [], [], [], [], []
        for number in range(start, min(start + 100_000, accounts + 1)):
            name = _name(dice)
            addresses = [
                f"{name.split()[0].lower()}.{name.split()[-1].lower()}{number}@{dice.choice(MAIL)}"
                for _ in range(1 + (dice.random() < 0.4))
            ]
            found, text = search_rows(number, name, str(10000 + number), addresses)
            account.append((number, str(10000 + number), name))
            words += found
            texts.append(text)
            links.append((number, number))
            emails += [(number * 2 + place, number, address) for place, address in enumerate(addresses)]
        yield account, words, texts, links, emails


def _table(names: str, rows: list[tuple]) -> pa.Table:
    return pa.table(dict(zip(names.split(), map(list, zip(*rows, strict=True)), strict=True)))


def build(accounts: int) -> None:
    """Accounts, contacts, addresses, figures, tags and assignments, sorted as ``tidy`` leaves them."""
    words = []
    with writer(SYSTEM) as tx:
        moment = now()
        tx.insert("firm", name="Messkanzlei", created_at=moment)
        for member in (OWNER, EMPLOYEE, *OTHERS):
            tx.insert(
                "staff_member",
                staff_member_id=member,
                name=f"Mitglied {member}",
                role="owner" if member == OWNER else "employee",
                created_at=moment,
            )
        for tag in range(1, 21):
            tx.insert("tag", tag_id=tag, name=f"Tag {tag}")
        for account, found, texts, links, emails in _pieces(accounts):
            words.append(_table("word account_id rank", found).set_column(2, "rank", pa.array([row[2] for row in found], pa.uint8())))
            tx.insert_table("search_text", _table("account_id name everything", texts))
            rows = _table("account_id number name", account)
            tx.insert_table("account", rows.append_column("created_at", pa.array([moment] * len(account), pa.timestamp("us"))))
            ids = _table("account_id contact_id", links).append_column("created_at", pa.array([moment] * len(links), pa.timestamp("us")))
            tx.insert_table("account_contact", ids)
            mails = _table("contact_email_id contact_id email", emails)
            tx.insert_table("contact_email", mails.append_column("created_at", pa.array([moment] * len(emails), pa.timestamp("us"))))
        tx.insert_table("search_word", pa.concat_tables(words).sort_by([("word", "ascending"), ("rank", "ascending")]))
        tx.execute(
            """INSERT INTO account_figure SELECT account_id, hash(account_id) % 9000 / 10, hash(account_id) % 7000 / 10,
               hash(account_id, 1) % 9, $moment - to_hours((hash(account_id, 2) % 9000)::INT), $moment - to_minutes((hash(account_id, 3) % 900000)::INT)
               FROM account""",
            {"moment": moment},
        )
        tx.execute("UPDATE account SET kind = ['person', 'company', 'other'][1 + (hash(account_id) % 3)::INT], state = 'active'")
        tx.execute("INSERT INTO account_tag SELECT account_id, 1 + hash(account_id, 4) % 20 FROM account WHERE hash(account_id, 5) % 3 > 0")
        tx.execute(
            f"""INSERT INTO assignment SELECT account_id, {OTHERS[0]} + hash(account_id, 6) % {len(OTHERS)}, $moment FROM account ORDER BY 2, 1""",
            {"moment": moment - timedelta(days=1)},
        )
        chosen = sorted(random.Random(5).sample(range(1, accounts + 1), min(200, accounts)))
        tx.execute(f"INSERT INTO assignment SELECT unnest({chosen}), {EMPLOYEE}, $moment", {"moment": moment})


def _typo(word: str, dice: random.Random) -> str:
    place = dice.randrange(1, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def questions(viewer: Viewer, count: int) -> dict[str, list[str]]:
    """What people type, per kind of query, made from accounts the viewer sees."""
    dice = random.Random(3)
    with reader(viewer) as r:
        names = [
            row["name"]
            for row in r.rows("SELECT account_id, name FROM account WHERE account_id % 7 < 6 ORDER BY hash(account_id) LIMIT 400")
        ]
    two = [name.replace("& ", "").split() for name in names]
    return {
        "1 letter": [dice.choice(two)[0][:1] for _ in range(count)],
        "2 letters": [dice.choice(two)[-1][:2] for _ in range(count)],
        "3 letters": [dice.choice(two)[-1][:3] for _ in range(count)],
        "5 letters": [dice.choice(two)[0][:5] for _ in range(count)],
        "whole word": [dice.choice(two)[-1] for _ in range(count)],
        "two words, turned": [f"{words[-1][:4]} {words[0][:3]}" for words in (dice.choice(two) for _ in range(count))],
        "whole name": [dice.choice(names) for _ in range(count)],
        "number": [str(dice.randrange(10001, 99999)) for _ in range(count)],
        "address": [".".join(dice.choice(two)).lower()[:12] for _ in range(count)],
        "inside a word": [dice.choice(two)[-1][2:7] for _ in range(count)],
        "inside an address": [dice.choice(("nzlei-netz", "irma-nord", "ost.example", "mail.ex")) for _ in range(count)],
        "typo": [_typo(word, dice) + "qx"[: dice.randrange(2)] for word in (max(dice.choice(two), key=len) for _ in range(count))],
        "nothing": ["zzqy" + str(dice.random()) for _ in range(count)],
    }


def measure(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _say(what: str, times: list[float], more: str = "") -> None:
    times.sort()
    print(f"  {what:<44} {statistics.median(times):8.1f} {times[int(len(times) * 0.95)]:8.1f}  {more}", flush=True)


def measure_search(who: str, viewer: Viewer, rounds: int) -> None:
    print(f"{who}: search, first answer and whole answer, each median and p95 in ms")
    for kind, asked in questions(viewer, rounds).items():
        found: list[int] = []
        for quick in (True, False):
            search(viewer, asked[0], quick=quick)
            times = [
                measure(lambda text=text, found=found, quick=quick: found.append(len(search(viewer, text, quick=quick)))) for text in asked
            ]
            _say(f"{kind}{'' if quick else ', whole'}", times, "" if quick else f"found {statistics.mean(found[rounds:]):.1f}")


def measure_list(who: str, viewer: Viewer) -> None:
    print(f"{who}: Kunden, one page, median and p95 in ms")
    wishes = {f"by {sort}": Wish(sort=sort, descending=sort.endswith("_at")) for sort in SORTS} | {
        "filtered: text": Wish(text="müller"),
        "filtered: kind": Wish(kinds=["company"]),
        "filtered: tag": Wish(tags=[3]),
        "filtered: member": Wish(members=[OTHERS[2]]),
        "filtered: all": Wish(text="berg", kinds=["company"], tags=[3, 4], members=[5, 6], states=["active"], sort="net_due"),
    }
    for what, wish in wishes.items():
        _say(what, [measure(lambda wish=wish: list_accounts(viewer, wish)) for _ in range(5)])
    _say("page 1000", [measure(lambda: list_accounts(viewer, Wish(), 49_950)) for _ in range(5)])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=30)
    options.add_argument("--data", help="keep the built firm in this folder and use it again")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        open_store(read_settings({}, data=given.data or folder))
        try:
            with reader(SYSTEM) as r:
                built = r.value("SELECT count(*) FROM account")
            if not built:
                print(f"building {given.accounts} accounts: {measure(lambda: build(given.accounts)) / 1000:.0f} s", flush=True)
            for who, viewer in (("owner", Viewer.staff(OWNER)), ("employee with 200", Viewer.staff(EMPLOYEE))):
                measure_search(who, viewer, given.rounds)
                measure_list(who, viewer)
        finally:
            close_store()


if __name__ == "__main__":
    main()
