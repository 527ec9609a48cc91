"""Leave out new mail unless email sync (*E-Mail-Synchronisierung*) is on for one of the client's addresses in it."""

from __future__ import annotations

from core.access.account_state import takes_mail
from core.base.contact_points import base_of, one_address, split_list
from core.base.errors import InvalidValue
from core.imports.mapping import Block
from core.imports.plan import Plan
from core.imports.problems import Problem
from core.imports.value_rules import is_plain
from core.store.staging import STORE

# A text that may be an address; the forms' own function decides.
_ADDRESS = r"[^\s<>,;\"()\[\]]+@[^\s<>,;\"()\[\]]+"
_TEXT = "replace(concat_ws(' ', from_address, to_address), '\uff20', '@')"


def _recognised(text: str) -> str | None:
    if is_plain(text):
        return text.lower()
    try:
        return one_address(text)
    except InvalidValue:
        return None


def _read_addresses(plan: Plan, block: Block) -> None:
    """Make ``mail_part``, the texts of each row that may be addresses, and ``mail_address``, the address each text stands for.

    A line with a name in quotes or a comment is taken apart as a list of addresses is: what the name says is no address.
    """
    new = f"SELECT n, {_TEXT} AS line FROM {plan.live(block)} AS q WHERE object_id < 0"
    plan.staging.run(
        f"""CREATE OR REPLACE TABLE mail_part AS SELECT n, unnest(regexp_extract_all(line, $pattern)) AS text FROM ({new})
        WHERE NOT regexp_matches(line, '["(]')""",
        {"pattern": _ADDRESS},
    )
    worded = plan.staging.run(f"SELECT n, line FROM ({new}) WHERE regexp_matches(line, '[\"(]')")
    parts = [(n, text) for n, line in worded for text in split_list(line.replace(",", ";"))]
    for start in range(0, len(parts), 50_000):
        piece = parts[start : start + 50_000]
        plan.staging.run(
            "INSERT INTO mail_part SELECT unnest($n::BIGINT[]), unnest($texts::VARCHAR[])",
            {"n": [n for n, _ in piece], "texts": [text for _, text in piece]},
        )
    texts = plan.staging.run("SELECT DISTINCT text FROM mail_part")
    known = [(text, email) for (text,) in texts if (email := _recognised(text)) is not None]
    known += [(text, base) for text, email in known if (base := base_of(email)) != email]
    plan.staging.run(
        """CREATE OR REPLACE TABLE mail_address AS
        SELECT unnest($texts::VARCHAR[]) AS text, unnest($emails::VARCHAR[]) AS email""",
        {"texts": [text for text, _ in known], "emails": [email for _, email in known]},
    )


def leave_aside(plan: Plan) -> None:
    """Leave out new rows of mail whose addresses of this client are all switched off; each is noted in ``plan.aside``.

    A client's address without a row of access is off, as its page shows it. Mail that names no address of the client's is taken,
    unless an at sign in it belongs to no address that is recognised: that could be one that is switched off. What this program wrote was
    taken in once and stays.
    """
    tables = plan.by_table
    if "email" not in tables:
        return
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
    granted.append(f"SELECT account_id, contact_email_id FROM {STORE}.email_access a WHERE {takes_mail('a')}{told}")
    for block in tables["email"]:
        if plan.mapping.is_own(block):
            continue
        _read_addresses(plan, block)
        query = f"""
            WITH found AS (
                SELECT n, account_id, {_TEXT} AS line FROM {plan.live(block)} AS q WHERE object_id < 0),
            part AS (SELECT n, account_id, text FROM found JOIN mail_part USING (n)),
            mail AS (SELECT DISTINCT n, account_id, email FROM part JOIN mail_address USING (text)),
            own AS (
                SELECT DISTINCT m.n, m.account_id, e.contact_email_id FROM mail m
                JOIN ({" UNION ALL ".join(emails)}) AS e(contact_email_id, contact_id, email) ON lower(e.email) = m.email
                JOIN ({" UNION ALL ".join(links)}) AS l ON l.account_id = m.account_id AND l.contact_id = e.contact_id),
            judged AS (
                SELECT n, count(g.account_id) > 0 AS is_on FROM own
                LEFT JOIN (SELECT DISTINCT * FROM ({" UNION ALL ".join(granted)})) AS g
                ON g.account_id = own.account_id AND g.contact_email_id = own.contact_email_id GROUP BY n),
            named AS (SELECT n, count(*) AS number FROM part WHERE text IN (SELECT text FROM mail_address) GROUP BY n)
            SELECT n, q.line, q.from_address, q.to_address FROM found JOIN r{block.number} q USING (n) LEFT JOIN judged USING (n) LEFT JOIN named USING (n)
            WHERE NOT coalesce(is_on, length(found.line) - length(replace(found.line, '@', '')) <= coalesce(number, 0)) ORDER BY n"""
        rows = plan.staging.run(query)
        plan.drop(block, [n for n, *_ in rows], told=False)
        file = plan.file_of(block)
        plan.aside.take((Problem(file, line, "", "mail_aside", {"sender": sender, "to": to}) for _, line, sender, to in rows), len(rows))
