"""Check search words against names and addresses, and compute derived rows (words, sums, cards) anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from core.base.rights import Viewer
from core.clients.search_index import SearchIndex, known_of, search_rows
from core.overview import card_cache
from core.overview.figures import Figures
from core.store import Reader, reader, with_retry, writer
from core.store.staging import STORE

SYSTEM = Viewer.system("derived rows")
# Accounts checked by one query.
ACCOUNTS_PER_CHECK = 20_000
# Accounts renewed in one transaction: other writers wait for it.
ACCOUNTS_PER_RENEWAL = 200


def pieces(r: Reader, size: int = ACCOUNTS_PER_CHECK) -> Iterator[tuple[int, int]]:
    """Yield (first, last) account id of each ``size`` accounts."""
    above = 0
    while ids := r.rows(f"SELECT account_id FROM {STORE}.account WHERE account_id > $above ORDER BY 1 LIMIT {size}", above=above):
        above = ids[-1]["account_id"]
        yield ids[0]["account_id"], above


def stale_words(r: Reader, first: int, last: int) -> Iterator[str]:
    """Yield the numbers of accounts with ids from ``first`` to ``last`` whose search words do not match name, number and addresses."""
    for row in r.rows(_WORDS, first=first, last=last):
        expected, text = search_rows(row["account_id"], row["name"], row["number"], row["known"] or ())
        found = [(word, row["account_id"], rank) for word, rank in zip(row["words"] or (), row["ranks"] or (), strict=True)]
        # An account without words is another finding.
        if found and row["everything"] is not None and (set(found) != expected or (row["folded"], row["everything"]) != text[1:]):
            yield row["number"]


_WORDS = f"""
    SELECT k.*, w.words, w.ranks, x.name AS folded, x.everything
    FROM ({known_of(f"SELECT account_id FROM {STORE}.account WHERE account_id BETWEEN $first AND $last", lambda table: f"{STORE}.{table}")}) AS k
    LEFT JOIN (SELECT account_id, list(word) AS words, list(rank) AS ranks FROM {STORE}.search_word
               WHERE account_id BETWEEN $first AND $last GROUP BY account_id) w USING (account_id)
    LEFT JOIN {STORE}.search_text x USING (account_id)"""


def renew(progress: Callable[[str, int, int], None] = lambda _what, _done, _of: None) -> int:
    """Compute search words, sums and cards of every account anew, a few at a time; returns the number of accounts.

    ``progress`` is called with ``words`` (and sums) or ``cards``, the accounts done, and all accounts.
    """
    with reader(SYSTEM) as r:
        some, of = list(pieces(r, ACCOUNTS_PER_RENEWAL)), r.value(f"SELECT count(*) FROM {STORE}.account")
    done = 0
    for first, last in some:
        done += with_retry(partial(_renew, first, last))
        progress("words", done, of)
    card_cache.fill(progress=lambda made: progress("cards", min(made // len(card_cache.KEPT), of), of))
    return done


def _renew(first: int, last: int) -> int:
    with writer(SYSTEM) as tx:
        rows = tx.rows("SELECT account_id FROM account WHERE account_id BETWEEN $first AND $last", first=first, last=last)
        for row in rows:
            tx.projection(Figures).outdated.add(row["account_id"])
            tx.projection(SearchIndex).outdated.add(row["account_id"])
        tx.execute("DELETE FROM overview_card WHERE account_id BETWEEN $first AND $last", {"first": first, "last": last})
    return len(rows)
