"""SQL for columns computed from other rows of the import: an invoice's paid amount and status, an account's state and photo, a chat's last message, a primary address."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.access.account_state import may_sign_in, state_from, states_of
from core.imports.mapping import Block
from core.imports.write_plan import WritePlan
from core.overview.invoice_status import status_of

# The last message ``m`` of a chat: of two in one moment the later written, as the conversation is shown.
LAST = """arg_max(m.text, (m.sent_at, {id})) AS text, max(m.sent_at) AS sent_at,
    arg_max(m.is_from_client, (m.sent_at, {id})) AS is_from_client, arg_max({name}, (m.sent_at, {id})) AS name"""


@dataclass(frozen=True)
class FoundOut:
    """Columns of a new row with their SQL (the row is ``q``), and the joins this SQL needs."""

    columns: dict[str, str] = field(default_factory=dict)
    joins: str = ""


def found_out(block: Block, write_plan: WritePlan) -> FoundOut:
    """Return the columns to compute for new rows of this block; all they depend on is staged with them."""
    return _OF[block.table](block, write_plan) if block.table in _OF else FoundOut()


def _invoice(block: Block, write_plan: WritePlan) -> FoundOut:
    sums = f"""SELECT invoice_id, sum(amount) AS paid FROM ({write_plan.rows("payment", "invoice_id", "amount")}) GROUP BY 1"""
    given = "q.status" if "status" in write_plan.written(block) else "NULL"
    paid = "coalesce(s.paid, 0)"
    status = status_of(given, paid, "q.total")
    return FoundOut({"paid_amount": f"{paid}::DECIMAL(14,2)", "status": status}, f"LEFT JOIN ({sums}) s ON s.invoice_id = q.object_id")


def _account(block: Block, write_plan: WritePlan) -> FoundOut:
    access = write_plan.rows("email_access", "account_id", "login", "first_login_at", "suspended_at")
    archived = "q.archived_at" if "archived_at" in write_plan.written(block) else "NULL::TIMESTAMP"
    state = state_from(f"{archived} IS NOT NULL", "e.active", "e.login")
    photos = f"SELECT account_id, max(object_id) AS photo_id FROM ({write_plan.rows('photo', 'account_id', 'object_id')}) GROUP BY 1"
    return FoundOut(
        {"state": state, "photo_id": "p.photo_id"},
        f"""LEFT JOIN (SELECT account_id, bool_or({may_sign_in("g")}) AS login,
                bool_or({may_sign_in("g")} AND first_login_at IS NOT NULL) AS active FROM ({access}) g GROUP BY 1) e
            ON e.account_id = q.object_id LEFT JOIN ({photos}) p ON p.account_id = q.object_id""",
    )


def _chat(block: Block, write_plan: WritePlan) -> FoundOut:
    messages = write_plan.rows("chat_message", "object_id", "chat_id", "sent_at", "text", "is_from_client", "contact_id", "staff_member_id")
    made = "q.created_at" if "created_at" in write_plan.written(block) else "$moment"
    return FoundOut(
        {
            "last_message": "coalesce(s.text, '')", "last_message_at": f"coalesce(s.sent_at, {made})",
            "last_is_from_client": "coalesce(s.is_from_client, FALSE)", "last_by_name": "coalesce(s.name, '')",
        },
        f"""LEFT JOIN (SELECT m.chat_id, {LAST.format(id="m.object_id", name="coalesce(k.name, w.name, '')")}
            FROM ({messages}) m LEFT JOIN contact k ON k.contact_id = m.contact_id
            LEFT JOIN staff_member w ON w.staff_member_id = m.staff_member_id GROUP BY 1) s ON s.chat_id = q.object_id""",
    )  # fmt: skip


def _contact_email(block: Block, write_plan: WritePlan) -> FoundOut:
    """Make the first new address of a contact that has no primary one its primary one, as the form does."""
    if "is_primary" in write_plan.written(block):
        return FoundOut()
    rows = write_plan.rows("contact_email", "object_id", "contact_id", "is_primary", where="row_state = 'new'")
    has_one = f"SELECT contact_id FROM ({rows}) AS g WHERE is_primary UNION ALL SELECT contact_id FROM contact_email WHERE is_primary"
    first = f"SELECT min(object_id) AS first_id FROM ({rows}) AS r WHERE contact_id NOT IN ({has_one}) GROUP BY contact_id"
    return FoundOut({"is_primary": "p.first_id IS NOT NULL"}, f"LEFT JOIN ({first}) p ON p.first_id = q.object_id")


_OF = {"invoice": _invoice, "account": _account, "chat": _chat, "contact_email": _contact_email}

# The same of rows that are there already; ``{touched}`` and ``{stated}`` are SELECTs of account ids.
_STATUS = status_of("i.status", "s.paid", "i.total")
PAID = f"""UPDATE invoice i SET paid_amount = s.paid, status = {_STATUS}
    FROM (SELECT v.invoice_id, coalesce(sum(p.amount), 0)::DECIMAL(14,2) AS paid FROM invoice v LEFT JOIN payment p
          ON p.invoice_id = v.invoice_id AND p.account_id = v.account_id WHERE v.account_id IN ({{touched}}) GROUP BY 1) s
    WHERE s.invoice_id = i.invoice_id AND (i.paid_amount <> s.paid OR i.status <> {_STATUS})"""
STATES = f"""UPDATE account a SET state = s.state FROM ({states_of("(SELECT * FROM account WHERE account_id IN ({stated})) a")}) s
    WHERE s.account_id = a.account_id AND a.state <> s.state"""
LAST_MESSAGES = f"""UPDATE chat c SET last_message = s.text, last_message_at = s.sent_at, last_is_from_client = s.is_from_client, last_by_name = s.name
    FROM (SELECT m.chat_id, {LAST.format(id="m.chat_message_id", name="coalesce(k.name, p.name, '')")}
          FROM chat_message m LEFT JOIN contact k ON k.contact_id = m.contact_id
          LEFT JOIN staff_member p ON p.staff_member_id = m.staff_member_id
          WHERE m.account_id IN ({{touched}}) GROUP BY 1) s
    WHERE s.chat_id = c.chat_id AND c.account_id IN ({{touched}}) AND (c.last_message_at, c.last_message, c.last_is_from_client, c.last_by_name)
          IS DISTINCT FROM (s.sent_at, s.text, s.is_from_client, s.name)"""
