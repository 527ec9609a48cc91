"""The rule of *credit* and *net due* (what credit pays, and what is left to pay), as SQL over the rows of invoice and credit.

The widget of unpaid invoices (``sql/unpaid_invoices.sql``) and the figures of the client list take it from here.
"""

from __future__ import annotations

from core.overview.invoice_status import HELD

# Whether the payment of an invoice is under way: it is never overdue, and credit pays nothing of it.
IS_HELD = f"status IN {HELD}"
# What credit may pay of an invoice with a balance.
COVERABLE = f"CASE WHEN {IS_HELD} THEN 0 ELSE total - paid_amount END"
# What a client's rows of the table credit come to; a client who owes more than was credited has none.
CREDIT = "greatest(coalesce(sum(amount), 0), 0)"
# The names under which a widget's SQL file takes these in.
RULES = (("is_held", IS_HELD), ("coverable", COVERABLE), ("credit", CREDIT))


def net_due(open_amount: str, coverable: str, credit: str) -> str:
    """Return SQL for what is left to pay of a client's ``open_amount``; never below what is held, so never below zero."""
    return f"{open_amount} - least({credit}, {coverable})"
