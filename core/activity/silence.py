"""Clients that have gone silent against their own habit (``habit.py``): over those a viewer sees, and one alone."""

from __future__ import annotations

from core.access.open_account import OpenAccount
from core.base.rights import Viewer
from core.clients.list_columns import SILENCE, SILENT_DAYS
from core.i18n.formats import today
from core.store import Reader, Row, cached, reader, sql


def gone_silent(viewer: Viewer, *, of_everybody: bool) -> list[Row]:
    """Return the clients the viewer works for, or all they see, that are silent, the longest against their habit first.

    At most a hundred rows (account_id, client, last_client_at, days, usual_days, longest_days, silence; ``total``: how many there are).
    """
    key = ("gone silent", of_everybody, today())
    tables = ("account", "account_figure", "account_habit", "assignment")
    return cached(viewer, key, lambda r: _silent(r, of_everybody=of_everybody), *tables)


def silence_of(account: OpenAccount) -> Row | None:
    """Return the row of this client, None for one that is not silent against its habit."""
    with reader(account.viewer) as r:
        found = _silent(r, account.account_id, of_everybody=True)
    return found[0] if found else None


def _silent(r: Reader, account_id: int = 0, *, of_everybody: bool) -> list[Row]:
    query = sql("gone_silent").replace("{silence}", SILENCE).replace("{days}", SILENT_DAYS)
    return r.rows(query, account_id=account_id, of_everybody=of_everybody, member_id=r.viewer.id, today=today())
