"""What repeats other rows: whether the search words are those of today's names and addresses, and making all of it anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from core.rights import Viewer
from core.store import Reader, reader, search_rows, with_retry, writer
from core.store.staging import STORE
from core.widgets import cards

US = Viewer.system("derived rows")
# Accounts looked at in one question, and made anew in one transaction: others wait for it.
LOOKED_AT, MADE = 20_000, 200


def _pieces(r: Reader, size: int) -> Iterator[tuple[int, int]]:
    """(first, last) account ids of pieces of so many accounts."""
    above = 0
    while ids := r.rows(f"SELECT account_id FROM {STORE}.account WHERE account_id > $above ORDER BY 1 LIMIT {size}", above=above):
        above = ids[-1]["account_id"]
        yield ids[0]["account_id"], above


def stale_words(r: Reader) -> Iterator[str]:
    """Numbers of accounts whose search words are others than their name, number and addresses give."""
    for first, last in _pieces(r, LOOKED_AT):
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


def renew(progress: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Make the search words, sums and cards of every account anew, a few at a time; returns of how many accounts.

    ``progress`` is told every two seconds how many are done.
    """
    with reader(US) as r:
        pieces, of = list(_pieces(r, MADE)), r.value(f"SELECT count(*) FROM {STORE}.account")
    done, told = 0, time.monotonic()
    for first, last in pieces:
        done += with_retry(lambda first=first, last=last: _renew(first, last))
        if time.monotonic() - told > 2:
            told = time.monotonic()
            progress(done, of)
    cards.fill()
    return done


def _renew(first: int, last: int) -> int:
    with writer(US) as tx:
        rows = tx.rows("SELECT account_id FROM account WHERE account_id BETWEEN $first AND $last", first=first, last=last)
        for row in rows:
            tx.outdate(row["account_id"], words=True)
        tx.execute("DELETE FROM overview_card WHERE account_id BETWEEN $first AND $last", {"first": first, "last": last})
    return len(rows)
