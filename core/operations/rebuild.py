"""What repeats other rows: whether the search words are those of today's names and addresses, and making all of it anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.base.rights import Viewer
from core.clients.search_index import SearchIndex, search_rows
from core.overview import card_cache
from core.overview.catalogue import CATALOGUE
from core.overview.figures import Figures
from core.store import Reader, reader, with_retry, writer
from core.store.staging import STORE

SYSTEM = Viewer.system("derived rows")
# Accounts looked at in one question, and made anew in one transaction: others wait for it.
LOOKED_AT, MADE = 20_000, 200


def pieces(r: Reader, size: int = LOOKED_AT) -> Iterator[tuple[int, int]]:
    """(first, last) account ids of pieces of so many accounts."""
    above = 0
    while ids := r.rows(f"SELECT account_id FROM {STORE}.account WHERE account_id > $above ORDER BY 1 LIMIT {size}", above=above):
        above = ids[-1]["account_id"]
        yield ids[0]["account_id"], above


def stale_words(r: Reader, first: int, last: int) -> Iterator[str]:
    """Numbers of accounts, of these ids, whose search words are others than their name, number and addresses give."""
    for row in r.rows(_WORDS, first=first, last=last):
        expected, text = search_rows(row["account_id"], row["name"], row["number"], row["emails"] or ())
        found = [(word, row["account_id"], rank) for word, rank in zip(row["words"] or (), row["ranks"] or (), strict=True)]
        # An account without any is another finding.
        if found and row["everything"] is not None and (set(found) != expected or (row["folded"], row["everything"]) != text[1:]):
            yield row["number"]


_WORDS = f"""
    WITH one AS (SELECT account_id, name, number FROM {STORE}.account WHERE account_id BETWEEN $first AND $last)
    SELECT one.*, e.emails, w.words, w.ranks, x.name AS folded, x.everything FROM one
    LEFT JOIN (SELECT account_id, list(email) AS emails FROM {STORE}.account_contact JOIN {STORE}.contact_email USING (contact_id)
               WHERE account_id BETWEEN $first AND $last GROUP BY account_id) e USING (account_id)
    LEFT JOIN (SELECT account_id, list(word) AS words, list(rank) AS ranks FROM {STORE}.search_word
               WHERE account_id BETWEEN $first AND $last GROUP BY account_id) w USING (account_id)
    LEFT JOIN {STORE}.search_text x USING (account_id)"""


def renew(progress: Callable[[str, int, int], None] = lambda what, done, of: None) -> int:
    """Make the search words, sums and cards of every account anew, a few at a time; returns of how many accounts.

    ``progress`` is told of how many accounts the words and sums, then the card_cache, are done.
    """
    with reader(SYSTEM) as r:
        some, of = list(pieces(r, MADE)), r.value(f"SELECT count(*) FROM {STORE}.account")
    done = 0
    for first, last in some:
        done += with_retry(lambda first=first, last=last: _renew(first, last))
        progress("words", done, of)
    card_cache.fill(progress=lambda made: progress("cards", min(made // len(CATALOGUE), of), of))
    return done


def _renew(first: int, last: int) -> int:
    with writer(SYSTEM) as tx:
        rows = tx.rows("SELECT account_id FROM account WHERE account_id BETWEEN $first AND $last", first=first, last=last)
        for row in rows:
            for kind in (Figures, SearchIndex):
                tx.projection(kind).outdated.add(row["account_id"])
        tx.execute("DELETE FROM overview_card WHERE account_id BETWEEN $first AND $last", {"first": first, "last": last})
    return len(rows)
