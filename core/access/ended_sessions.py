"""End the sessions of people who may sign in no more, after many rows changed at once."""

from __future__ import annotations

from collections.abc import Sequence

from core.access.account_state import may_sign_in
from core.access.contact_access import follow_states
from core.access.view_as import close_views
from core.store import Tx, now

# Tables whose rows sign in with the address they hold.
BY_ADDRESS = ("contact_email", "staff_member")


def is_another(before: object, after: object) -> bool:
    """Return whether two addresses are not one mailbox; upper and lower case do not tell them apart."""
    return str(before or "").lower() != str(after or "").lower()


def begin_anew(tx: Tx, table: str, ids: Sequence[int]) -> None:
    """Let people whose address changed prove the new one: without password, session and open link, as the form that changes one does."""
    if not ids:
        return
    given = {"ids": list(ids)}
    column = f"{table}_id"
    tx.update_rows(table, ids, password_hash=None)
    whose = f"{column} IN (SELECT unnest($ids::BIGINT[]))"
    tx.execute(f"DELETE FROM one_time_link WHERE used_at IS NULL AND {whose}", given)  # noqa: S608 - built of names from the code
    end = f"UPDATE session SET ended_at = $now WHERE ended_at IS NULL AND {whose}"  # noqa: S608 - built of names from the code
    tx.execute(end, given | {"now": now()})
    if table == "staff_member":
        close_views(tx)
        return
    entered = tx.rows(
        f"SELECT account_id, contact_id, contact_email_id FROM email_access WHERE first_login_at IS NOT NULL AND {whose}",  # noqa: S608 - built of names from the code
        **given,
    )
    for key in entered:
        tx.update("email_access", key, first_login_at=None)
    follow_states(tx, sorted({key["account_id"] for key in entered}))


def end_sessions_without_standing(tx: Tx) -> None:
    """End the sessions of addresses without a login anywhere and of members who are not active, and the views that are allowed no more."""
    lets_in = f"""SELECT a.contact_email_id FROM email_access a JOIN account k ON k.account_id = a.account_id
        WHERE {may_sign_in("a")} AND k.archived_at IS NULL"""  # noqa: S608 - built of a rule from the code
    tx.execute(
        f"""UPDATE session SET ended_at = $now WHERE ended_at IS NULL AND (
            contact_email_id IS NOT NULL AND contact_email_id NOT IN ({lets_in})
            OR staff_member_id IS NOT NULL AND staff_member_id NOT IN (SELECT staff_member_id FROM staff_member WHERE is_active))""",  # noqa: S608 - the same
        {"now": now()},
    )
    close_views(tx)
