"""The rules of *open*, *credit* and *net due* as SQL over the rows of invoice and credit.

An invoice with a balance is owed. A credit note (an invoice below zero, *Gutschrift*) lowers what is open until it is refunded. What was
booked as credit, and what was paid beyond an invoice's total, is credit. Both pay open invoices, oldest first, but none whose payment is
under way. The widget of unpaid invoices (``sql/unpaid_invoices.sql``), its tile and the figures of the client list take the rules from here.
"""

from __future__ import annotations

from decimal import Decimal

from core.overview.invoice_status import HELD

# Whether the payment of an invoice is under way: it is never overdue, and credit pays nothing of it.
IS_HELD = f"status IN {HELD}"
# Whether an invoice ``i`` is overdue on the day ``$today``.
IS_OVERDUE = f"i.due_on < $today AND i.total > i.paid_amount AND i.total > 0 AND NOT (i.{IS_HELD})"
# What is owed of an invoice, what a credit note is still worth, and what was paid too much; each zero or more.
OWED = "greatest(total - paid_amount, 0)"
NOTE_LEFT = "CASE WHEN total < 0 THEN greatest(least(paid_amount, 0) - total, 0) ELSE 0 END"
OVERPAID = "CASE WHEN total >= 0 THEN greatest(paid_amount - total, 0) ELSE 0 END"
# What credit may pay of an invoice.
COVERABLE = f"CASE WHEN {IS_HELD} THEN 0 ELSE {OWED} END"
# What was booked as a client's credit, of the rows of the table credit.
BOOKED = "coalesce(sum(amount), 0)"
# The names under which a widget's SQL file takes these in.
RULES = (
    ("is_held", IS_HELD), ("is_overdue", IS_OVERDUE), ("owed", OWED), ("coverable", COVERABLE), ("note_left", NOTE_LEFT), ("overpaid", OVERPAID), ("booked", BOOKED),
)  # fmt: skip


def credit(booked: str, overpaid: str) -> str:
    """Return SQL for a client's credit; who owes more than was credited has none."""
    return f"greatest({booked} + {overpaid}, 0)"


def open_amount(owed: str, notes: str, coverable: str) -> str:
    """Return SQL for what is open: what is owed without what credit notes pay of it; zero or more."""
    return f"{owed} - least({notes}, {coverable})"


def net_due(owed: str, notes: str, coverable: str, credit: str) -> str:
    """Return SQL for what is left to pay when credit notes and credit have paid what they may; zero or more."""
    return f"{owed} - least({notes} + {credit}, {coverable})"


def tile_of(owed: Decimal, notes: Decimal, coverable: Decimal, credit: Decimal) -> dict[str, Decimal]:
    """Return the same numbers for a tile, by name, with what of the credit pays and what of credit and credit notes is left."""
    is_open = owed - min(notes, coverable)
    due = owed - min(notes + credit, coverable)
    return {"open_amount": is_open, "payable": is_open - due, "net_due": due, "credit_left": credit + notes - (owed - due)}
