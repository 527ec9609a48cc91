"""Void links and sign-ins under way of a person whose standing a transaction changes: address, state, password, factor, login."""

from __future__ import annotations

from collections.abc import Iterable

from core.store.read_cache import EVERYTHING
from core.store.reader import Reader

# Columns that decide whether and how a person signs in. Changes of others leave their links alone.
DECIDING = {
    "staff_member": frozenset({"email", "is_active", "password_hash"}),
    "second_factor": frozenset({"created_at"}),
    "provider_person": frozenset({"subject_hash"}),
    "contact_email": frozenset({"email", "contact_id", "password_hash"}),
    "email_access": frozenset({"login", "suspended_at"}),
    "account": frozenset({"archived_at"}),
    "firm": frozenset({"form_for_team"}),
}
# The standing of each unused link's holder. The last column is not compared where the provider's name for them was unknown before.
# A team invitation outlives the firm's choice of how to sign in: it then leads to the provider.
_STANDINGS = """
WITH unused AS (
    SELECT one_time_link_id, purpose, staff_member_id, contact_email_id FROM one_time_link
    WHERE used_at IS NULL AND (staff_member_id IS NOT NULL OR contact_email_id IS NOT NULL)),
logins AS (
    SELECT a.contact_email_id, list(DISTINCT a.account_id ORDER BY a.account_id) AS accounts
    FROM email_access a JOIN account k ON k.account_id = a.account_id
    WHERE a.contact_email_id IN (SELECT contact_email_id FROM unused) AND a.login AND a.suspended_at IS NULL AND k.archived_at IS NULL
    GROUP BY a.contact_email_id)
SELECT u.one_time_link_id, m.email AS member, m.is_active, m.password_hash AS member_password, f.created_at AS factor_since,
       e.email AS address, e.contact_id, e.password_hash AS contact_password, g.accounts,
       CASE WHEN u.staff_member_id IS NOT NULL AND u.purpose <> 'team_invitation' THEN (SELECT form_for_team FROM firm LIMIT 1) END AS form,
       p.issuer || ' ' || p.known_as || ' ' || p.subject_hash AS at_provider
FROM unused u
LEFT JOIN staff_member m ON m.staff_member_id = u.staff_member_id
LEFT JOIN second_factor f ON f.staff_member_id = u.staff_member_id
LEFT JOIN provider_person p ON p.staff_member_id = u.staff_member_id
LEFT JOIN contact_email e ON e.contact_email_id = u.contact_email_id
LEFT JOIN logins g ON g.contact_email_id = u.contact_email_id
"""
# Unused links of people made after link ``$number``: beside a long transaction, which could not see them.
VOID_MADE_SINCE = """DELETE FROM one_time_link
    WHERE one_time_link_id > $number AND used_at IS NULL AND (staff_member_id IS NOT NULL OR contact_email_id IS NOT NULL)"""


class Standings:
    """Remember the standing of the holders of unused links from before the transaction changed it."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[object, ...]] | None = None
        self._spared: set[int] = set()

    @property
    def were_read(self) -> bool:
        """Whether the transaction wrote a column that decides about a sign-in."""
        return self._before is not None

    def before(self, r: Reader, table: str, columns: Iterable[str] | None = None) -> None:
        """Read the standings before a deciding table is written; ``columns`` are those that change, None for unknown ones."""
        deciding = DECIDING.get(table)
        if self._before is None and (table == EVERYTHING or (deciding and (columns is None or not deciding.isdisjoint(columns)))):
            self._before = _read(r)

    def spare(self, one_time_link_id: int) -> None:
        """Keep the link with which the person makes this change."""
        self._spared.add(one_time_link_id)

    def void(self, r: Reader) -> list[int]:
        """Return the ids of links from before the change whose holder has another standing now."""
        if not self._before:
            return []
        after = _read(r)
        return [id_ for id_, row in self._before.items() if id_ in after and id_ not in self._spared and _differ(row, after[id_])]


def _read(r: Reader) -> dict[int, tuple[object, ...]]:
    """Return the standing of the holder of each unused link."""
    if not r.value("SELECT 1 FROM one_time_link WHERE used_at IS NULL LIMIT 1"):
        return {}
    return {row["one_time_link_id"]: tuple(row.values())[1:] for row in r.rows(_STANDINGS)}


def _differ(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    """Return whether two standings differ; a provider's name remembered for the first time is no difference."""
    if before[-1] is None:
        before, after = before[:-1], after[:-1]
    return before != after
