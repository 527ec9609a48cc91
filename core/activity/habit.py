"""How long each client is usually silent, kept in ``account_habit`` and made anew once a day of the firm's.

*Usual* (``usual_days``): on 98 of 100 days of the last two years the client had been silent for less. It is weighted by time, so bursts and
yearly clients are judged right. A gap of g days holds the silences 0…g, so it solves Σ max(gap − s, 0) = 2 % of all days, which the
longest gaps alone decide: the greatest of (sum of the k longest − 2 % of all days) / k.
"""

from __future__ import annotations

import logging
import threading
from datetime import date, datetime, time, timedelta

from core.activity.local_time import local
from core.base.errors import AppError
from core.base.rights import Viewer
from core.i18n.formats import today, zone
from core.overview.figures import client_acts
from core.store import now, reader, sql, with_retry, writer

SYSTEM = Viewer.system("habits")
# No habit is claimed of a client with fewer days on which something came, or over a shorter time.
MIN_ACTIVE_DAYS, MIN_SPAN_DAYS = 8, 180
YEARS = 2
ACCOUNTS_AT_ONCE = 20_000
LOOK_EVERY_S = 300.0
log = logging.getLogger("kundenblick")


def make_habits(end: threading.Event | None = None) -> int:
    """Make the habits of all clients anew, some clients at a time, each in a short transaction; return of how many one was written.

    ``end`` stops the work between two transactions.
    """
    above, made = 0, 0
    while end is None or not end.is_set():
        with reader(SYSTEM) as r:
            last = r.value(
                "SELECT max(account_id) FROM (SELECT account_id FROM account WHERE account_id > $above ORDER BY 1 LIMIT $n) AS next",
                above=above, n=ACCOUNTS_AT_ONCE,
            )  # fmt: skip
            if last is None:
                break
            query, given = habits_query(above, last)
            rows = r.table(query, **given)

        def write(first: int = above, last: int = last, rows: object = rows) -> None:
            with writer(SYSTEM) as tx:
                tx.execute(f"DELETE FROM account_habit WHERE account_id > {first:d} AND account_id <= {last:d}")
                tx.insert_table("account_habit", rows)  # type: ignore[arg-type]

        with_retry(write)
        above, made = last, made + rows.num_rows
    return made


def habits_query(above: int, last: int) -> tuple[str, dict[str, object]]:
    """Return the query of the habits of the clients above one id and up to another, and its parameters."""
    moment = now()
    since = datetime.combine(moment.date().replace(day=1), time()) - timedelta(days=365 * YEARS)
    of = f"SELECT account_id FROM account WHERE account_id > {above:d} AND account_id <= {last:d}"
    shown = local("moment", since - timedelta(days=2), moment + timedelta(days=2), zone())
    query = sql("habits").replace("{acts}", client_acts(of, "{} AS moment", "")).replace("{local}", shown)
    return query, {"since": since, "today": today(), "least_days": MIN_ACTIVE_DAYS, "least_span": MIN_SPAN_DAYS}


def run(end: threading.Event) -> None:
    """Make the habits once a day of the firm's, and at the start where today's are missing, until ``end`` is set."""
    made_on: date | None = None
    while not end.is_set():
        try:
            if made_on is None:
                with reader(SYSTEM) as r:
                    made_on = r.value("SELECT max(made_on) FROM account_habit")
            if made_on != today():
                make_habits(end)
                made_on = today()
        except AppError as problem:
            log.warning("habits wait: %s", problem)
        end.wait(LOOK_EVERY_S)
