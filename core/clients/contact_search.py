"""Finding contacts one may see, to link them or to notice that a person is there already; by the rules of the clients' search."""

from __future__ import annotations

from core.access.verbs import require_staff
from core.base.rights import Viewer
from core.base.text_folding import spellings, unquoted
from core.clients.search_matching import rank_of
from core.clients.search_terms import Query
from core.clients.search_text import text_condition
from core.store import Row, reader, sql

# Names shorter than these are those of too many people.
MIN_NAME_CHARS = 3
MAX_RANKED = 200


def find_contacts(viewer: Viewer, text: str, limit: int = 20) -> list[Row]:
    """Return visible contacts by name, holder of an address, address, telephone number or identifying field, best first.

    A row is contact_id, name, email (the primary one). None for a text without a letter or digit. Raises NotAllowed for a client's contact.
    """
    query = Query.of(text)
    with reader(viewer) as r:
        require_staff(r.viewer)
        condition, parameters = text_condition(query)
        found = r.rows(
            f"SELECT contact_id, name, everything FROM search_contact WHERE {condition} ORDER BY length(name), contact_id LIMIT {MAX_RANKED}",
            **parameters,
        )
        rows = {row["contact_id"]: row for row in r.rows(sql("contacts_found"), contact_ids=[row["contact_id"] for row in found])}
    texts = {row["contact_id"]: row["everything"] for row in found}
    ranked = ((rank_of(row["name"], "", texts[row["contact_id"]], query), row["name"], row["contact_id"]) for row in rows.values())
    best = sorted((rank, name, contact_id) for rank, name, contact_id in ranked if rank is not None)
    return [rows[contact_id] for _, _, contact_id in best[:limit]]


def likely_duplicates(viewer: Viewer, name: str) -> list[Row]:
    """Return at most five visible contacts of the same name in any spelling: contact_id, name, email, accounts (their number)."""
    forms = spellings(unquoted(" ".join(name.split())))
    if len(forms[0]) < MIN_NAME_CHARS:
        return []
    with reader(viewer) as r:
        return r.rows(sql("contacts_named"), forms=list(forms))
