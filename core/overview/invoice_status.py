"""The rule of an invoice's status: *paid*, *partially paid* or *unpaid* (*bezahlt*, *teilweise bezahlt*, *offen*) by its payments."""

from __future__ import annotations

# Statuses set by people or a bank, whatever was paid so far.
HELD = "('in_progress', 'scheduled')"


def status_from(paid: str, total: str) -> str:
    """Return SQL for the status that follows from what was paid of a total; a credit note, below zero, is paid when it was refunded."""
    return f"""CASE WHEN {total} < 0 THEN CASE WHEN {paid} <= {total} THEN 'paid' WHEN {paid} < 0 THEN 'partially_paid' ELSE 'unpaid' END
        WHEN {paid} >= {total} THEN 'paid' WHEN {paid} > 0 THEN 'partially_paid' ELSE 'unpaid' END"""


def status_of(own: str, paid: str, total: str) -> str:
    """Return SQL for the status of an invoice whose own status is ``own``: that while it is held, else what follows from the payments."""
    return f"CASE WHEN {own} IN {HELD} THEN {own} ELSE {status_from(paid, total)} END"
