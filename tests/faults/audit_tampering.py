"""What somebody may do to the record of changes behind the program's back, each at random; ``audit_mutations`` tries them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from random import Random

from core.store import now
from core.store.audit import hash_chain, verification
from tests.faults.audit_record import BATCH, Record, T

SALT = "0123456789abcdef" * 2


# A mutation changes the record and returns the entry that is the first wrong one, or None when any may be named.
Mutation = Callable[[Record, Random], int | None]
MUTATIONS: list[Mutation] = []


def mutation(function: Mutation) -> Mutation:
    MUTATIONS.append(function)
    return function


def _other(value: object, column: str, record: Record, random: Random) -> object:
    if isinstance(value, int):
        return random.choice([value + 1, value - 1, value + 1000, None if column != "audit_entry_id" else value + 2])
    if hasattr(value, "year"):
        return value + random.choice([timedelta(microseconds=1), timedelta(days=-1), timedelta(hours=1)])
    if isinstance(value, str):
        may = [value + " ", value + "x", value.swapcase() + "_", "", value[:-1], f"{value}\x1f", *([None] if column not in NEEDED else [])]
        return random.choice([one for one in may if one != value])
    if column.endswith("_id"):
        return random.randrange(2000)
    return random.choice(["", "x", SALT])


NEEDED = ("audit_entry_id", "made_at", "actor_kind", "through", "action", "entity")


@mutation
def edit_any_column(record: Record, random: Random) -> int | None:
    number, column = random.choice(record.numbers), random.choice(hash_chain.COLUMNS)
    record.set(number, **{column: _other(record.row(number)[column], column, record, random)})
    return None if column == "audit_entry_id" else number


@mutation
def edit_a_column_like_another_row(record: Record, random: Random) -> int | None:
    column = random.choice([c for c in hash_chain.COLUMNS if c != "audit_entry_id"])
    number = random.choice(record.numbers)
    mine = record.row(number)[column]
    others = record.ask(f"SELECT DISTINCT {column} AS v FROM {T} WHERE {column} IS DISTINCT FROM $v", v=mine)
    values = [row["v"] for row in others if row["v"] is not None or column not in NEEDED]
    if not values:
        return edit_any_column(record, random)
    record.set(number, **{column: random.choice(values)})
    return number


@mutation
def remove_rows(record: Record, random: Random) -> int | None:
    first = random.choice(record.numbers[:-1])
    record.remove(first, min(record.last - 1, first + random.choice([0, 0, 0, 1, 5, BATCH])))
    return first


@mutation
def remove_and_close_the_gap(record: Record, random: Random) -> int | None:
    first = random.choice(record.numbers[:-1])
    record.remove(first, first)
    record.root.execute(f"UPDATE {T} SET audit_entry_id = audit_entry_id - 1 WHERE audit_entry_id > {first}")
    return None


@mutation
def insert_a_copy(record: Record, random: Random) -> int | None:
    row = record.row(random.choice(record.numbers))
    number = random.choice([row["audit_entry_id"], 0, -1, record.last + 1])
    record.add(row | {"audit_entry_id": number})
    return number if number > 0 else 0


@mutation
def insert_and_shift(record: Record, random: Random) -> int | None:
    row = record.row(random.choice(record.numbers[:-1]))
    record.root.execute(f"UPDATE {T} SET audit_entry_id = audit_entry_id + 1 WHERE audit_entry_id >= {row['audit_entry_id']}")
    record.add(row)
    return None


@mutation
def append_a_forged_one(record: Record, random: Random) -> int | None:
    """With everything right, as the program would have written it: only the mark can tell, for one that ended in order."""
    last = record.row(record.last)
    forged = {**last, "audit_entry_id": record.last + 1, "previous_hash": last["hash"], "batch_id": None, "action": "signed_in"}
    forged |= {"old_value": None, "new_value": None, "salt": None, "old_digest": None, "new_digest": None}
    record.add(forged | {"hash": hash_chain.link(forged)})
    return record.last + 1


@mutation
def swap_two(record: Record, random: Random) -> int | None:
    one, two = sorted(random.sample(record.numbers, 2))
    record.set(one, audit_entry_id=-5)
    record.set(two, audit_entry_id=one)
    record.set(-5, audit_entry_id=two)
    return one


@mutation
def swap_contents(record: Record, random: Random) -> int | None:
    one, two = sorted(random.sample(record.numbers, 2))
    a, b = record.row(one), record.row(two)
    kept = ("audit_entry_id", "previous_hash", "hash", "batch_id")
    if all(a[c] == b[c] for c in a if c not in kept):
        return edit_any_column(record, random)
    record.set(one, **{c: v for c, v in b.items() if c not in kept})
    record.set(two, **{c: v for c, v in a.items() if c not in kept})
    return one if any(a[c] != b[c] for c in hash_chain.CHAINED if c not in kept) else None


@mutation
def renumber(record: Record, random: Random) -> int | None:
    by = random.choice([1, -1, 100])
    first = random.choice([1, random.choice(record.numbers)])
    record.root.execute(f"UPDATE {T} SET audit_entry_id = audit_entry_id + {by} WHERE audit_entry_id >= {first}")
    return None


@mutation
def renumber_within_a_batch(record: Record, random: Random) -> int | None:
    batch = random.choice(
        record.ask(f"SELECT min(audit_entry_id) AS a, max(audit_entry_id) AS b FROM {T} WHERE batch_id IS NOT NULL GROUP BY batch_id")
    )
    one, two = sorted(random.sample(range(batch["a"], batch["b"] + 1), 2))
    a, b = record.row(one), record.row(two)
    if all(a[c] == b[c] for c in hash_chain.IN_BATCH):
        record.set(one, field="anders")
    else:
        kept = ("audit_entry_id", "previous_hash", "hash", "batch_id")
        record.set(one, **{c: v for c, v in b.items() if c not in kept})
        record.set(two, **{c: v for c, v in a.items() if c not in kept})
    return one


@mutation
def cut_the_tail(record: Record, random: Random) -> int | None:
    first = record.numbers[-random.choice([1, 1, 2, 5, BATCH, len(record.numbers) // 2])]
    record.remove(first, record.last)
    return first


@mutation
def an_older_copy_written_on(record: Record, random: Random) -> int | None:
    """The record as it was once, and other entries after it, linked as they should be, up to the number of the mark or beyond."""
    ends = [
        row["n"] for row in record.ask(f"SELECT audit_entry_id AS n FROM {T} WHERE hash IS NOT NULL AND audit_entry_id < $l", l=record.last)
    ]
    kept = random.choice(ends)
    pattern, previous = record.row(1), record.row(kept)["hash"]
    record.remove(kept + 1, record.last)
    for number in range(kept + 1, record.last + 1 + random.randint(0, 3)):
        row = pattern | {"audit_entry_id": number, "previous_hash": previous, "made_at": now()}
        previous = hash_chain.link(row)
        record.add(row | {"hash": previous})
    return None


@mutation
def value_with_its_digest(record: Record, random: Random) -> int | None:
    number, row = _with_value(record, random)
    record.set(number, new_value="gefälscht", new_digest=hash_chain.digest(row["salt"], "gefälscht"))
    return number


@mutation
def value_digest_and_hash(record: Record, random: Random) -> int | None:
    """The row itself is as it should be; the one after it, or the mark, knows better."""
    number, row = _with_value(record, random)
    row |= {"new_value": "gefälscht", "new_digest": hash_chain.digest(row["salt"], "gefälscht")}
    record.set(number, new_value=row["new_value"], new_digest=row["new_digest"])
    if row["batch_id"] is None:
        record.set(number, hash=hash_chain.link(row))
    return number


@mutation
def everything_recomputed_to_the_end(record: Record, random: Random) -> int | None:
    number = random.choice(record.numbers)
    while record.row(number)["batch_id"] is not None:
        number = record.next_to(number, 1)
    record.set(number, through="anders", batch_id=None)
    previous = record.row(number)["previous_hash"]
    while number <= record.last:
        row = record.row(number)
        if row["batch_id"] is None:
            row["previous_hash"], before = previous, previous
            previous = hash_chain.link(row)
            record.set(number, previous_hash=before, hash=previous)
            if number == record.last:
                break
            number = record.next_to(number, 1)
            continue
        last = row["batch_id"]
        text = verification._joined(hash_chain.IN_BATCH)
        digest = record.ask(
            f"SELECT sha256(string_agg({text}, chr(30) ORDER BY audit_entry_id)) AS d FROM {T} WHERE audit_entry_id BETWEEN $a AND $b",
            a=number, b=last,
        )[0]["d"]  # fmt: skip
        whole = hash_chain.link_batch(previous, number, last, digest, row["made_at"], row["actor_kind"], row["actor_id"], row["through"])
        record.set(last, previous_hash=previous, hash=whole)
        previous, number = whole, record.next_to(last, 1)
    return None


@mutation
def salt_used_again(record: Record, random: Random) -> int | None:
    number, row = _with_value(record, random)
    other = random.choice(
        [SALT, *(r["salt"] for r in record.ask(f"SELECT salt FROM {T} WHERE salt IS NOT NULL AND salt <> $s", s=row["salt"]))]
    )
    record.set(number, salt=other, new_digest=hash_chain.digest(other, row["new_value"]))
    return number


@mutation
def salt_and_value_shifted(record: Record, random: Random) -> int | None:
    """The digest stays right: what the value began with now ends the salt."""
    wanted = record.ask(f"SELECT audit_entry_id AS n, salt, new_value AS v FROM {T} WHERE contains(new_value, ':') AND old_value IS NULL")
    row = random.choice(wanted)
    head, _, rest = row["v"].partition(":")
    record.set(row["n"], salt=f"{row['salt']}:{head}", new_value=rest)
    return row["n"]


@mutation
def texts_shifted_over_their_separator(record: Record, random: Random) -> int | None:
    number = random.choice(record.numbers)
    row = record.row(number)
    record.set(number, action=f"{row['action']}\x1f{row['entity']}", entity="" if random.random() < 0.5 else "x")
    return number


@mutation
def blanked_without_a_word(record: Record, random: Random) -> int | None:
    number, _ = _with_value(record, random)
    record.set(number, **random.choice([{"new_value": None, "old_value": None, "salt": None}, {"new_value": None}, {"salt": None}]))
    return number


@mutation
def erased_value_put_back(record: Record, random: Random) -> int | None:
    row = random.choice(record.ask(f"SELECT audit_entry_id AS n, new_digest FROM {T} WHERE salt IS NULL AND new_digest IS NOT NULL"))
    salt = random.choice([SALT, record.ask(f"SELECT salt FROM {T} WHERE salt IS NOT NULL LIMIT 1")[0]["salt"]])
    record.set(row["n"], new_value="Geheim", salt=salt)
    return row["n"]


@mutation
def erasure_invented(record: Record, random: Random) -> int | None:
    """A row is blanked, and another entry is made to say that it was erased."""
    number, row = _with_value(record, random)
    record.set(number, old_value=None, new_value=None, salt=None)
    later = random.choice([n for n in record.numbers if n > number] or [record.last])
    record.set(later, action="erased", entity=row["entity"], entity_id=row["entity_id"], account_id=row["account_id"], field=row["field"])
    return None


@mutation
def batch_bounds_moved(record: Record, random: Random) -> int | None:
    ends = [row["b"] for row in record.ask(f"SELECT DISTINCT batch_id AS b FROM {T} WHERE batch_id IS NOT NULL")]
    end = random.choice(ends)
    to = random.choice([end - 1, end + 1, end - 3, *(other for other in ends if other != end)])
    if random.random() < 0.5:
        record.root.execute(f"UPDATE {T} SET batch_id = {to} WHERE batch_id = {end}")
    else:
        row = record.row(end)
        record.set(end, hash=None, previous_hash=None)
        record.set(end - 1, hash=row["hash"], previous_hash=row["previous_hash"])
    return None


@mutation
def batch_taken_apart(record: Record, random: Random) -> int | None:
    """Rows of a batch made into single entries, linked as they should be."""
    end = random.choice(record.ask(f"SELECT DISTINCT batch_id AS b FROM {T} WHERE batch_id IS NOT NULL"))["b"]
    numbers = [row["n"] for row in record.ask(f"SELECT audit_entry_id AS n FROM {T} WHERE batch_id = $b ORDER BY 1", b=end)]
    previous = record.row(end)["previous_hash"]
    for number in numbers:
        row = record.row(number) | {"batch_id": None, "previous_hash": previous}
        record.set(number, batch_id=None, previous_hash=previous, hash=hash_chain.link(row))
        previous = hash_chain.link(row)
    return None


@mutation
def edit_the_entry_of_an_import(record: Record, random: Random) -> int | None:
    """The last entry of a batch holds the hash of all of it."""
    number, column = _batch(record, random)[-1], random.choice([c for c in hash_chain.COLUMNS if c != "audit_entry_id"])
    record.set(number, **{column: _other(record.row(number)[column], column, record, random)})
    return number


@mutation
def edit_a_row_of_an_import(record: Record, random: Random) -> int | None:
    number, column = random.choice(_batch(record, random)), random.choice([c for c in hash_chain.COLUMNS if c != "audit_entry_id"])
    record.set(number, **{column: _other(record.row(number)[column], column, record, random)})
    return number


@mutation
def remove_the_beginning_of_an_import(record: Record, random: Random) -> int | None:
    numbers = _batch(record, random)
    record.remove(numbers[0], numbers[random.randrange(len(numbers))])
    return numbers[0] if numbers[-1] < record.last else None


@mutation
def remove_what_stands_before_an_import(record: Record, random: Random) -> int | None:
    last = record.next_to(_after_free_numbers(record, random), -1)
    first = record.numbers[record.numbers.index(last) - random.choice([0, 0, 1, 4])]
    record.remove(first, last)
    return first


@mutation
def rewrite_what_stands_before_an_import(record: Record, random: Random) -> int | None:
    number = record.next_to(_after_free_numbers(record, random), -1)
    row = record.row(number) | {"through": "anders"}
    record.set(number, through="anders", hash=hash_chain.link(row))
    return number


@mutation
def insert_into_free_numbers(record: Record, random: Random) -> int | None:
    """Linked as it should be: only the import after it knows that nothing stood there."""
    after = _after_free_numbers(record, random)
    before = record.next_to(after, -1)
    number = random.choice([before + 1, before + 1, after - 1, random.randrange(before + 1, after)])
    row = record.row(1) | {"audit_entry_id": number, "previous_hash": record.row(before)["hash"], "made_at": now()}
    record.add(row | {"hash": hash_chain.link(row)})
    return before + 1


@mutation
def insert_a_row_of_an_import_into_free_numbers(record: Record, random: Random) -> int | None:
    """The numbers between it and the import may be what is named as missing."""
    after = _after_free_numbers(record, random)
    number = random.choice([after - 1, record.next_to(after, -1) + 1])
    record.add(record.row(after) | {"audit_entry_id": number, "batch_id": random.choice([number, record.row(after)["batch_id"]])})
    return None


@mutation
def import_moved_within_free_numbers(record: Record, random: Random) -> int | None:
    after = _after_free_numbers(record, random)
    batch, by = record.row(after)["batch_id"], random.choice([1, after - record.next_to(after, -1) - 1])
    record.root.execute(f"UPDATE {T} SET audit_entry_id = audit_entry_id - {by}, batch_id = batch_id - {by} WHERE batch_id = {batch}")
    return after - by


def _batch(record: Record, random: Random) -> list[int]:
    """Return the numbers of one batch."""
    end = random.choice(record.ask(f"SELECT DISTINCT batch_id AS b FROM {T} WHERE batch_id IS NOT NULL ORDER BY 1"))["b"]
    return [row["n"] for row in record.ask(f"SELECT audit_entry_id AS n FROM {T} WHERE batch_id = $b ORDER BY 1", b=end)]


def _after_free_numbers(record: Record, random: Random) -> int:
    """Return the first entry of an import before which numbers are free."""
    return random.choice([n for before, n in pairwise(record.numbers) if n - before > 1])


def _with_value(record: Record, random: Random) -> tuple[int, dict[str, object]]:
    numbers = record.ask(f"SELECT audit_entry_id AS n FROM {T} WHERE salt IS NOT NULL AND new_value IS NOT NULL")
    number = random.choice(numbers)["n"]
    return number, record.row(number)
