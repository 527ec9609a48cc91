"""End the sessions of people who may sign in no more, after many rows changed at once."""

from __future__ import annotations

from core.access.view_as import close_views
from core.store import Tx, now


def end_sessions_without_standing(tx: Tx) -> None:
    """End the sessions of addresses without a login anywhere and of members who are not active, and the views that are allowed no more."""
    tx.execute(
        """UPDATE session SET ended_at = $now WHERE ended_at IS NULL AND (
            contact_email_id IS NOT NULL AND contact_email_id NOT IN (
                SELECT contact_email_id FROM email_access JOIN account USING (account_id)
                WHERE login AND suspended_at IS NULL AND archived_at IS NULL)
            OR staff_member_id IS NOT NULL AND staff_member_id NOT IN (SELECT staff_member_id FROM staff_member WHERE is_active))""",
        {"now": now()},
    )
    close_views(tx)
