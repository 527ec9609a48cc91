"""The ledger *Wer ist am Zug* (whose turn is it) of one client in numbers, kept like a card of the Overview.

Invoices are kept apart: who may not see them is shown the rest.
"""

from __future__ import annotations

from core.base.rights import Right
from core.overview.net_due import IS_HELD
from core.overview.spec import Widget
from core.store import sql

# What ends outside of this product (a submitted organizer, a refused approval) is somebody's turn for so long.
ENDED_ELSEWHERE_DAYS = 60
# What waits for longer is *ruhend* (dormant).
DORMANT_DAYS = 365
# More rows than there are kinds, turns and states.
MAX_ROWS = 200


def ledger_sql() -> str:
    """Return the SQL of the ledger, with ``$today``, ``$recent`` and ``$long_ago`` as its parameters."""
    return sql("ledger").replace("{is_held}", IS_HELD)


def _of_a_day() -> str:
    """Return the SQL of the ledger with the day alone as its parameter."""
    text = ledger_sql().replace("$recent", f"($today - INTERVAL {ENDED_ELSEWHERE_DAYS} DAY)")
    return text.replace("$long_ago", f"($today - INTERVAL {DORMANT_DAYS} DAY)")


def _kept(key: str, of: str, right: Right | None = None) -> Widget:
    rules = (("ledger", _of_a_day()), ("of", of))
    return Widget(key, (), (), id_column="kind", right=right, changes_after="stays_until", rules=rules, kept_rows=MAX_ROWS, file="turn")


TURN = (_kept("turn", "w.kind <> 'invoice'"), _kept("turn_invoices", "w.kind = 'invoice'", Right.SEE_INVOICES))
