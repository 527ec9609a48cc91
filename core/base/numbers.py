"""Numbers of what people and files write, bounded before anything is computed with them.

``Decimal("1e999990")`` is made at once, but every whole number or text made of it has a million digits and holds the interpreter.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

# More than any amount, number or length of time that is kept here.
MAX_DIGITS, MAX_TEXT = 40, 100


def decimal_of(text: str) -> Decimal:
    """Make a number of a text in Python's own spelling.

    Raises ValueError for what is none, is not finite, or has more than 40 places before or after the point.
    """
    if len(text) > MAX_TEXT:
        raise ValueError("too long for a number")
    try:
        return bounded(Decimal(text))
    except InvalidOperation:
        raise ValueError("not a number") from None


def bounded(number: Decimal) -> Decimal:
    """Return the number. Raises ValueError for one that is not finite or has more than 40 places before or after the point."""
    if not number.is_finite():
        raise ValueError("not a finite number")
    if (number and number.adjusted() > MAX_DIGITS) or abs(int(number.as_tuple().exponent)) > MAX_DIGITS:
        raise ValueError("too large a number")
    return number
