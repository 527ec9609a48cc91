"""The ledger *Wer ist am Zug* (whose turn is it): what waits for the firm, the client or somebody else, and since when.

It names the viewer's views only: who may not see a client, or invoices, has a ledger without them.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Literal

from core.base.rights import Viewer
from core.i18n.formats import today
from core.overview.turn import DORMANT_DAYS, ENDED_ELSEWHERE_DAYS, ledger_sql
from core.store import Row, reader, sql

Turn = Literal["us", "client", "third"]
# The tables the ledger is read from, for who keeps an answer. What a client has left to pay comes from invoices and credit; its figure is
# written anew with everything of the client.
LEDGER_TABLES = (
    "account", "approval", "assignment", "chat", "chat_message", "contract", "credit", "document", "email", "email_access", "invoice",
    "organizer", "signatory", "signature", "staff_member", "task", "task_assignee", "turn_set_aside",
)  # fmt: skip


def over_ledger(name: str) -> str:
    """Return the query of this name in ``core/activity/sql`` over the ledger; ``moments`` are its parameters.

    In the place of ``{ledger}`` stands what waits, in that of ``{every}`` what was set aside too.
    """
    return sql(name).replace("{ledger}", f"({sql('ledger_now')})").replace("{every}", f"({ledger_sql()})")


def moments() -> dict[str, object]:
    """Return the parameters of the ledger at this moment: the firm's day, and the moments its limits are counted from.

    The limits begin with a day, so that the ledger of one day does not change by the minute.
    """
    day = today()
    midnight = datetime.combine(day, time())
    return {
        "today": day,
        "recent": midnight - timedelta(days=ENDED_ELSEWHERE_DAYS),
        "long_ago": midnight - timedelta(days=DORMANT_DAYS),
    }


def ledger_counts(viewer: Viewer) -> list[Row]:
    """Return how much waits over all clients the viewer sees: rows (kind, turn, is_dormant, items, oldest), by kind and turn."""
    with reader(viewer) as r:
        return r.rows(over_ledger("ledger_counts"), **moments())


def ledger_of(viewer: Viewer, account_id: int) -> list[Row]:
    """Return what waits of one client, the oldest first, with the ids of its ``owners``; nothing of a client the viewer does not see.

    What was set aside is not among it: see ``set_aside_of``.
    """
    with reader(viewer) as r:
        return r.rows(over_ledger("ledger_of_account"), account_id=account_id, **moments())
