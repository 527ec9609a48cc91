"""The rules of what access lets somebody do, and of an account's state, as SQL: *aktiv*, *ausstehend*, *offline*, *archiviert*."""

from __future__ import annotations


def may_sign_in(access: str) -> str:
    """Return SQL for whether a row of email_access, called ``access``, lets somebody sign in."""
    return f"({access}.login AND {access}.suspended_at IS NULL)"


def takes_mail(access: str) -> str:
    """Return SQL for whether mail from and to the address of a row of email_access, called ``access``, is taken in."""
    return f"({access}.email_sync AND {access}.suspended_at IS NULL)"


def state_from(archived: str, entered: str, granted: str) -> str:
    """Return SQL for the state of an account.

    Args are SQL truths: whether it is archived, whether somebody who may sign in has been in, whether anybody may.
    """
    return f"CASE WHEN {archived} THEN 'archived' WHEN {entered} THEN 'active' WHEN {granted} THEN 'pending' ELSE 'offline' END"


def states_of(accounts: str, email_access: str = "email_access") -> str:
    """Return SQL for (account_id, state) of the accounts that the SQL text ``accounts`` yields as rows ``a``."""
    entered, granted = f"{may_sign_in('e')} AND e.first_login_at IS NOT NULL", may_sign_in("e")
    state = state_from("any_value(a.archived_at) IS NOT NULL", f"count(*) FILTER ({entered}) > 0", f"count(*) FILTER ({granted}) > 0")
    return f"SELECT a.account_id, {state} AS state FROM {accounts} LEFT JOIN {email_access} e ON e.account_id = a.account_id GROUP BY 1"  # noqa: S608 - built of names from the code
