"""Read numbers that people and files write, and bound them before anything is computed with them.

``Decimal("1e999990")`` is made at once, but every whole number or text made of it has a million digits and holds the interpreter.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

# Before and after the point; more than any amount or length of time here has.
MAX_DIGITS = 40
# Characters of a typed number.
MAX_TEXT = 100


def decimal_of(text: str) -> Decimal:
    """Return the number in a text in Python's spelling.

    Raises ValueError for anything else, and for a number that is not finite or has more than 40 digits before or after the point.
    """
    if len(text) > MAX_TEXT:
        raise ValueError("too long for a number")
    try:
        return bounded(Decimal(text))
    except InvalidOperation:
        raise ValueError("not a number") from None


def bounded(number: Decimal) -> Decimal:
    """Return the number. Raises ValueError for one that is not finite or has more than 40 digits before or after the point."""
    if not number.is_finite():
        raise ValueError("not a finite number")
    if (number and number.adjusted() > MAX_DIGITS) or abs(int(number.as_tuple().exponent)) > MAX_DIGITS:
        raise ValueError("too large a number")
    return number
