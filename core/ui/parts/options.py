"""Options of an input and what they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def named(names: Mapping[Any, str]) -> Callable[[Any], str]:
    """Return a ``format_func`` that shows each option by its name; one without a name as a question mark."""
    return lambda option: names.get(option, "?")
