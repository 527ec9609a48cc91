"""Declare the thirteen widgets, in page order."""

from __future__ import annotations

from core.base.rights import Right
from core.overview.net_due import BOOKED, OVERPAID, RULES, credit
from core.overview.spec import Column, Metric, Scope, Widget, choice, count_rows, count_where, day, latest, moment, money, text, total

_CREDIT = "SELECT " + credit(
    f"(SELECT {BOOKED} FROM credit WHERE account_id = $account_id)",
    f"(SELECT coalesce(sum({OVERPAID}), 0) FROM invoice WHERE account_id = $account_id AND paid_amount > total)",
)
_FROM_FIRM = "SELECT count(*) FROM document WHERE account_id = $account_id AND NOT is_from_client"

CATALOGUE: tuple[Widget, ...] = (
    Widget(
        "documents",
        (
            Column("is_new", "flag"),
            text("name", wide=True),
            moment("uploaded_at"),
            text("uploaded_by"),
            Column("origin", "choice", card=False, scoped=True),
            choice("status"),
        ),
        (count_where("unseen", "is_new"), Metric("from_firm", "scalar", _FROM_FIRM)),
        id_column="document_id",
        where="is_from_client",
        scopes=(Scope("new", "is_new"), Scope("shared", "is_from_client OR is_shared"), Scope("firm", "NOT is_from_client"), Scope("all")),
        mark="is_new",
        opens="document",
    ),
    Widget(
        "tasks",
        (
            text("title", wide=True),
            day("due_on"),
            choice("priority"),
            text("assignees"),
            choice("status"),
            Column("completed_at", "moment", card=False, scoped=True),
        ),
        (count_rows("open"), count_where("overdue", "is_overdue")),
        id_column="task_id",
        where="status IN ('planned', 'in_progress')",
        scopes=(
            Scope("waiting", "status = 'waiting'"),
            Scope("done", "status IN ('completed', 'canceled')", "completed_at DESC NULLS LAST, due_on DESC NULLS LAST, task_id DESC"),
            Scope("all", order="status IN ('completed', 'canceled'), due_on DESC NULLS LAST, task_id DESC"),
        ),
        changes_after="due_on",
        mark="is_overdue",
        opens="task",
    ),
    Widget(
        "emails",
        (text("subject", wide=True), text("partner"), moment("sent_at"), choice("status")),
        (count_where("unread", "is_unread"),),
        id_column="email_id",
        scopes=(Scope("unread", "is_unread"),),
        mark="is_unread",
        opens="email",
    ),
    Widget(
        "jobs",
        (
            text("name", wide=True),
            text("pipeline"),
            Column("stage", "stage"),
            moment("stage_since_at"),
            day("due_on"),
            Column("status", "choice", card=False, scoped=True),
        ),
        (count_rows("current"),),
        id_column="job_id",
        opens="job",
        where="status = 'active'",
        scopes=(Scope("done", "status = 'completed'"), Scope("archived", "status = 'archived'"), Scope("all")),
        changes_after="due_on",
        mark="is_overdue",
    ),
    Widget(
        "chats",
        (text("subject", wide=True), text("last_message"), text("last_by_name"), moment("last_message_at"), choice("turn")),
        (count_where("waiting", "waits_for_us"),),
        id_column="chat_id",
        scopes=(Scope("open", "turn <> 'closed'"), Scope("done", "turn = 'closed'")),
        mark="is_unread",
        opens="chat",
    ),
    Widget(
        "unpaid_invoices",
        (
            text("number", wide=True),
            day("due_on"),
            money("total", card=False),
            money("open_amount"),
            Column("payable", "payable"),
            choice("status"),
        ),
        (
            total("owed", "open_amount", where="open_amount > 0"),
            total("notes", "note_left"),
            total("coverable", "coverable"),
            Metric("credit", "scalar", _CREDIT, kind="money"),
            count_where("overdue", "is_overdue"),
        ),
        id_column="invoice_id",
        where="is_owed",
        scopes=(
            Scope("done", "NOT is_owed", "due_on DESC, issued_on DESC, number DESC, invoice_id DESC"),
            Scope("all", order="is_owed DESC, due_on DESC, issued_on DESC, number DESC, invoice_id DESC"),
        ),
        rules=RULES,
        right=Right.SEE_INVOICES,
        changes_after="due_on",
        mark="is_overdue",
        opens="invoice",
    ),
    Widget(
        "approvals",
        (text("document_name", wide=True), moment("asked_at"), choice("status"), text("reason", card=False)),
        (count_where("pending", "is_open"),),
        id_column="approval_id",
        opens="approval",
        scopes=(Scope("open", "is_open"), Scope("done", "NOT is_open")),
    ),
    Widget(
        "signatures",
        (text("document_name", wide=True), moment("sent_at"), Column("signed_count", "progress", of="needed_count"), choice("status")),
        (count_where("to_sign", "is_open"),),
        id_column="signature_id",
        opens="signature",
        scopes=(Scope("open", "is_unfinished"), Scope("done", "NOT is_unfinished")),
    ),
    Widget(
        "organizers",
        (
            text("name", wide=True),
            moment("sent_at"),
            moment("updated_at"),
            Column("answered_count", "progress", of="question_count"),
            choice("status"),
            Column("archived_at", "moment", card=False, scoped=True),
        ),
        (count_where("pending", "is_open"),),
        id_column="organizer_id",
        opens="organizer",
        where="archived_at IS NULL",
        scopes=(
            Scope("open", "archived_at IS NULL AND is_open"),
            Scope("done", "archived_at IS NULL AND NOT is_open"),
            Scope("archived", "archived_at IS NOT NULL"),
            Scope("all"),
        ),
    ),
    Widget(
        "login_activity",
        (text("who", wide=True), moment("tried_at"), Column("device", "device"), text("network_address"), choice("outcome")),
        (latest("last_success", "tried_at", "is_success"),),
        id_column="login_id",
        opens="login",
    ),
    Widget(
        "notes",
        (Column("is_pinned", "flag"), text("text", wide=True), text("saved_by"), moment("saved_at")),
        (count_rows("count"),),
        id_column="note_id",
        above="is_pinned",
        mark="is_pinned",
        opens="note",
    ),
    Widget(
        "time_entries",
        (
            day("worked_on"),
            text("member"),
            text("job", wide=True),
            Column("minutes", "hours"),
            money("amount", right=Right.SEE_RATES),
            Column("is_billed", "yes_no"),
        ),
        (
            total("unbilled", "minutes", "hours", where="NOT is_billed"),
            total("unbilled_amount", "amount", where="NOT is_billed", right=Right.SEE_RATES),
        ),
        id_column="time_entry_id",
        opens="time_entry",
    ),
    Widget(
        "contracts",
        (text("name", wide=True), moment("sent_at"), Column("signed_count", "progress", of="needed_count"), choice("status")),
        (count_where("to_sign", "is_open"),),
        id_column="contract_id",
        opens="contract",
        scopes=(Scope("open", "is_unfinished"), Scope("done", "NOT is_unfinished")),
    ),
)
WIDGETS = {widget.key: widget for widget in CATALOGUE}
