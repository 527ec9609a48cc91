"""New mail is taken in only where *E-Mail-Synchronisierung* is on for one of the client's addresses it came from or went to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.forms import Bad, clean_email
from core.imports.check import is_plain
from core.store.staging import STORE

if TYPE_CHECKING:
    from core.imports.mapping import Block
    from core.imports.resolve import Resolver

# What may be an address in a mail's line; each is made one by the forms' own function.
_ADDRESS = r"[^\s<>,;\"()\[\]]+@[^\s<>,;\"()\[\]]+"
_TEXT = "replace(concat_ws(' ', from_address, to_address), '\uff20', '@')"


def _recognised(text: str) -> str | None:
    if is_plain(text):
        return text.lower()
    try:
        return clean_email(text)
    except Bad:
        return None


def _read_addresses(resolver: Resolver, block: Block) -> None:
    """Make ``mail_address``: each text that may be an address in these rows, with the address it stands for, and that without its +word."""
    texts = resolver.staging.run(
        f"SELECT DISTINCT unnest(regexp_extract_all({_TEXT}, $pattern)) FROM {resolver.live(block)} AS q WHERE object_id < 0",
        {"pattern": _ADDRESS},
    )
    known = [(text, email) for (text,) in texts if (email := _recognised(text)) is not None]
    resolver.staging.run(
        """CREATE OR REPLACE TABLE mail_address AS
        SELECT unnest($texts::VARCHAR[]) AS text, unnest($emails::VARCHAR[]) AS email""",
        {"texts": [text for text, _ in known], "emails": [email for _, email in known]},
    )


def leave_aside(resolver: Resolver) -> int:
    """Drop new rows of mail whose addresses of this client are all switched off; returns how many.

    A client's address without a row of access is off, as its page shows it. Mail that names no address of the client's is taken,
    unless an at sign in it belongs to no address that is recognised: that could be one that is switched off.
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
        _read_addresses(resolver, block)
        query = f"""
            WITH found AS (
                SELECT n, account_id, {_TEXT} AS line, regexp_extract_all({_TEXT}, $pattern) AS texts
                FROM {resolver.live(block)} AS q WHERE object_id < 0),
            part AS (SELECT n, account_id, unnest(texts) AS text FROM found),
            mail AS (
                SELECT n, account_id, email FROM part JOIN mail_address USING (text)
                UNION SELECT n, account_id, regexp_replace(email, '[+][^@]*@', '@') FROM part JOIN mail_address USING (text)),
            own AS (
                SELECT DISTINCT m.n, m.account_id, e.contact_email_id FROM mail m
                JOIN ({" UNION ALL ".join(emails)}) AS e(contact_email_id, contact_id, email) ON lower(e.email) = m.email
                JOIN ({" UNION ALL ".join(links)}) AS l ON l.account_id = m.account_id AND l.contact_id = e.contact_id),
            judged AS (
                SELECT n, count(g.account_id) > 0 AS is_on FROM own
                LEFT JOIN (SELECT DISTINCT * FROM ({" UNION ALL ".join(granted)})) AS g
                ON g.account_id = own.account_id AND g.contact_email_id = own.contact_email_id GROUP BY n),
            named AS (SELECT n, count(*) AS number FROM part JOIN mail_address USING (text) GROUP BY n)
            SELECT n FROM found LEFT JOIN judged USING (n) LEFT JOIN named USING (n)
            WHERE NOT coalesce(is_on, length(line) - length(replace(line, '@', '')) <= coalesce(number, 0))"""
        numbers = [n for (n,) in resolver.staging.run(query, {"pattern": _ADDRESS})]
        resolver.drop(block, numbers, told=False)
        count += len(numbers)
    return count
