"""What people's own queries may read: an allow-list of tables and columns. A test holds it to the schema: every column is in one list.

Left out are texts of mails, chats and notes, names and sums of files, network addresses, secrets, and what only the program needs.
"""

from __future__ import annotations

# Table → its columns, in the order they are shown.
SCOPE_COLUMNS: dict[str, tuple[str, ...]] = {
    "account": ("account_id", "number", "name", "kind", "state", "archived_at", "created_at"),
    "account_figure": (
        "account_id", "open_amount", "net_due", "unread_count", "new_count", "open_task_count", "to_sign_count", "unbilled_minutes",
        "unbilled_amount", "last_login_at", "last_activity_at", "last_client_at", "invoice_dues", "task_dues",
    ),
    "account_habit": ("account_id", "usual_days", "longest_days", "active_days", "made_on"),
    "assignment": ("account_id", "staff_member_id", "created_at"),
    "staff_member": ("staff_member_id", "name", "email", "role", "is_active", "created_at"),
    "tag": ("tag_id", "name", "color"),
    "account_tag": ("account_id", "tag_id"),
    "contact": (
        "contact_id", "name", "salutation", "first_name", "last_name", "company", "phone", "mobile", "street", "postcode", "city", "region",
        "country", "born_on", "language", "created_at",
    ),
    "account_contact": ("account_id", "contact_id", "relation", "created_at"),
    "contact_email": (
        "contact_email_id", "contact_id", "email", "label", "holder_name", "holder_relation", "is_primary", "custom_field_id", "created_at",
    ),
    "email_access": (
        "account_id", "contact_id", "contact_email_id", "login", "email_sync", "notify", "signatory", "login_since", "email_sync_since",
        "notify_since", "signatory_since", "first_login_at", "suspended_at",
    ),
    "custom_field": (
        "custom_field_id", "scope", "key", "label", "type", "options", "field_group", "position", "is_required", "retired_at",
    ),
    "account_field_value": ("account_id", "custom_field_id", "value"),
    "contact_field_value": ("contact_id", "custom_field_id", "value"),
    "document": (
        "document_id", "account_id", "name", "uploaded_at", "is_from_client", "staff_member_id", "contact_id", "is_shared", "status",
        "seen_at", "seen_by", "media_type", "size_bytes",
    ),
    "task": ("task_id", "account_id", "title", "due_on", "priority", "status", "job_id", "created_at", "completed_at"),
    "task_assignee": ("task_assignee_id", "account_id", "task_id", "staff_member_id"),
    "email": (
        "email_id", "account_id", "subject", "from_address", "to_address", "cc_address", "sent_at", "direction", "is_read", "has_failed", "thread",
    ),
    "pipeline": ("pipeline_id", "name", "position"),
    "stage": ("stage_id", "pipeline_id", "name", "position"),
    "job": ("job_id", "account_id", "name", "pipeline_id", "stage_id", "status", "created_at", "stage_since_at", "due_on"),
    "chat": (
        "chat_id", "account_id", "subject", "is_closed", "read_at", "created_at", "last_message_at", "last_is_from_client", "last_by_name",
    ),
    "chat_message": ("chat_message_id", "account_id", "chat_id", "sent_at", "is_from_client", "staff_member_id", "contact_id"),
    "invoice": ("invoice_id", "account_id", "number", "issued_on", "due_on", "total", "paid_amount", "status", "created_at"),
    "invoice_line": ("invoice_line_id", "account_id", "invoice_id", "position", "text", "quantity", "unit_price", "amount"),
    "payment": ("payment_id", "account_id", "invoice_id", "paid_on", "amount", "method", "reference", "created_at"),
    "credit": ("credit_id", "account_id", "booked_on", "amount", "text", "created_at"),
    "approval": ("approval_id", "account_id", "document_id", "document_name", "asked_at", "status", "reason", "decided_at", "decided_by"),
    "signature": ("signature_id", "account_id", "document_id", "document_name", "sent_at", "needs", "status"),
    "contract": ("contract_id", "account_id", "name", "sent_at", "needs", "status"),
    "signatory": ("signatory_id", "account_id", "signature_id", "contract_id", "contact_id", "contact_email_id", "signed_at"),
    "organizer": (
        "organizer_id", "account_id", "name", "sent_at", "updated_at", "question_count", "answered_count", "status", "archived_at",
    ),
    "login": ("login_id", "account_id", "contact_id", "contact_email_id", "email", "tried_at", "outcome"),
    "note": ("note_id", "account_id", "staff_member_id", "saved_at", "is_pinned"),
    "time_entry": (
        "time_entry_id", "account_id", "worked_on", "staff_member_id", "job_id", "text", "minutes", "rate", "amount", "invoice_id", "is_billed",
        "created_at",
    ),
    "turn_set_aside": (
        "turn_set_aside_id", "account_id", "kind", "object_id", "until_on", "turn", "since_at", "due_on", "amount", "staff_member_id", "created_at",
    ),
    "firm": ("firm_id", "name", "currency", "time_zone", "opening_hours", "holiday_land", "created_at"),
}  # fmt: skip
# Columns of those tables that are left out, beside ``version``, which counts the saves of a row.
WITHHELD_COLUMNS: dict[str, tuple[str, ...]] = {
    "account": ("photo_id",),
    "chat": ("last_message",),
    "chat_message": ("text",),
    "contact_email": ("password_hash",),
    "custom_field": ("is_searched",),
    "document": ("file", "sha256"),
    "email": ("body", "message_id"),
    "firm": ("is_sample", "second_factor_roles", "form_for_team", "logo", "first_steps_put_away"),
    "login": ("network_address", "device"),
    "note": ("text",),
    "staff_member": ("language", "password_hash"),
}
# Tables that are left out whole.
WITHHELD_TABLES = frozenset(
    {
        "audit_entry", "cohort", "cohort_account", "document_opening", "import_feed", "import_file", "import_job", "import_key", "import_run", "import_shape", "import_word", "known_browser", "mail_folder", "mail_thread", "notification", "one_time_link",
        "overview_card", "photo", "provider_person", "recent_account", "recovery_code", "saved_query", "saved_view", "schema_migration",
        "search_contact", "search_text", "search_word", "second_factor", "session", "staff_right",
    }
)  # fmt: skip
# Rows that are left out, by table: a bank account's number is read on the client's page alone.
WITHHELD_ROWS = dict.fromkeys(
    ("account_field_value", "contact_field_value"), "custom_field_id IN (SELECT custom_field_id FROM custom_field WHERE type = 'iban')"
)
