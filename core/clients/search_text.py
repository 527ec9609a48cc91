"""The search as a condition over the kept texts of clients or contacts, for lists that show every match."""

from __future__ import annotations

from collections.abc import Callable

from core.clients.search_index import PHONE_LINE
from core.clients.search_terms import Query


def text_condition(query: Query, also: Callable[[int, list[str]], str] = lambda _place, _forms: "") -> tuple[str, dict[str, object]]:
    """Return SQL over a column ``everything`` that is true for what answers the query, and its parameters; ('FALSE', {}) without words.

    ``also`` may give a further condition for the word at a place, of whose spellings the parameters are named.
    """
    terms, parameters = [], dict[str, object]()
    for place, token in enumerate(query.tokens):
        names = [f"word_{place}_{form}" for form in range(len(token))]
        parameters |= dict(zip(names, token, strict=True))
        parts = [*(f"contains(everything, ${name})" for name in names), also(place, names)]
        terms.append(f"({' OR '.join(filter(None, parts))})")
    if not terms:
        return "FALSE", {}
    either = [f"({' AND '.join(terms)})"]
    for place, start in enumerate(query.beginnings):
        either.append(f"contains(everything, $phone_{place})")
        parameters[f"phone_{place}"] = f"\n{start}"
    if query.last_digits:
        either.append("regexp_matches(everything, $last_digits)")
        parameters["last_digits"] = rf"(?m)^\{PHONE_LINE}\d*{query.last_digits}$"
    return f"({' OR '.join(either)})", parameters
