"""Sign-ins of clients' contacts that look odd, for who manages clients (*Heute*)."""

from __future__ import annotations

from datetime import timedelta

from core.access.verbs import require
from core.base.rights import Right, Viewer
from core.i18n.devices import system_in_sql
from core.i18n.formats import today
from core.store import Row, cached, now, sql

# How long an odd sign-in is shown.
SHOWN_FOR = timedelta(days=14)
# Failures in an hour after which a success is odd, and failures in a day that are odd by themselves.
MANY_IN_HOUR, MANY_IN_DAY = 5, 10
# Successful sign-ins after which a system that was never seen is odd.
HABIT = 5


def odd_sign_ins(viewer: Viewer, *, of_everybody: bool) -> list[Row]:
    """Return the odd sign-ins at the clients the viewer works for, or at all they see, newest first. Raises NotAllowed.

    At most a hundred rows (login_id, account_id, client, who, tried_at, device, total), the newest for each address and ``odd``:

    - ``after_failures``: it succeeded after many failures.
    - ``guessed``: one of many failures.
    - ``new_system``: from a system the address never came from before.
    """
    require(viewer, Right.MANAGE_ACCOUNTS)
    query = sql("odd_sign_ins").replace("{system}", system_in_sql("l.device"))
    tables = ("account", "assignment", "contact", "contact_email", "login")
    return cached(
        viewer, ("odd sign-ins", of_everybody, today()),
        lambda r: r.rows(
            query, since=now() - SHOWN_FOR, of_everybody=of_everybody, member_id=r.viewer.id, many_in_hour=MANY_IN_HOUR,
            many_in_day=MANY_IN_DAY, habit=HABIT,
        ),
        *tables,
    )  # fmt: skip
