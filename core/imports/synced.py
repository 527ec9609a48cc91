"""New mail is taken in only where *E-Mail-Synchronisierung* is on for one of the client's addresses it came from or went to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.store.staging import STORE

if TYPE_CHECKING:
    from core.imports.resolve import Resolver

_ADDRESS = r"[^\s<>,;\"'()]+@[^\s<>,;\"'()]+"


def leave_aside(resolver: Resolver) -> int:
    """Drop new rows of mail whose addresses of this client are all switched off; returns how many.

    A client's address without a row of access is off, as its page shows it. Mail that names no address of the client's is taken.
    """
    tables = resolver.by_table
    if "email" not in tables:
        return 0
    links = [f"SELECT account_id, contact_id FROM {STORE}.account_contact"]
    links += [f"SELECT account_id, contact_id FROM r{block.number}" for block in tables.get("account_contact", ())]
    staged = [f"SELECT object_id, contact_id, email FROM r{block.number}" for block in tables.get("contact_email", ())]
    ids = " UNION ALL ".join(f"SELECT object_id FROM r{block.number}" for block in tables.get("contact_email", ()))
    kept = f"SELECT contact_email_id, contact_id, email FROM {STORE}.contact_email"
    emails = [*staged, f"{kept} WHERE contact_email_id NOT IN ({ids})" if ids else kept]
    telling = [block for block in tables.get("email_access", ()) if any(rule.column == "email_sync" for rule in block.rules)]
    granted = [f"SELECT account_id, contact_email_id FROM r{block.number} WHERE email_sync" for block in telling]
    told = "".join(
        f" AND (account_id, contact_email_id) NOT IN (SELECT (account_id, contact_email_id) FROM r{block.number})" for block in telling
    )
    granted.append(f"SELECT account_id, contact_email_id FROM {STORE}.email_access WHERE email_sync AND suspended_at IS NULL{told}")
    count = 0
    for block in tables["email"]:
        query = f"""
            WITH mail AS (
                SELECT n, account_id, unnest(regexp_extract_all(lower(concat_ws(' ', from_address, to_address)), $pattern)) AS email
                FROM {resolver.live(block)} AS q WHERE object_id < 0),
            own AS (
                SELECT DISTINCT m.n, m.account_id, e.contact_email_id FROM mail m
                JOIN ({" UNION ALL ".join(emails)}) AS e(contact_email_id, contact_id, email) ON lower(e.email) = m.email
                JOIN ({" UNION ALL ".join(links)}) AS l ON l.account_id = m.account_id AND l.contact_id = e.contact_id)
            SELECT n FROM own LEFT JOIN (SELECT DISTINCT * FROM ({" UNION ALL ".join(granted)})) AS g
                ON g.account_id = own.account_id AND g.contact_email_id = own.contact_email_id
            GROUP BY n HAVING count(g.account_id) = 0"""
        numbers = [n for (n,) in resolver.staging.run(query, {"pattern": _ADDRESS})]
        resolver.drop(block, numbers, told=False)
        count += len(numbers)
    return count
