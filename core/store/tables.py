"""Describe each table beyond its columns: identity, order, references, what is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """One table of the schema.

    Args:
        key: Columns that identify a row.
        order: Columns the table is sorted by.
        references: Column → table it refers to.
        audited: Whether changes of rows are recorded.
        secret: Columns whose values no page reads and no entry records.
        names: Column by which the record names a row without an id of its own.
        one_field: A row is a field of its owner: making and removing it is recorded as a change of its value.
        natural: Columns that name a numbered row for people; there is one row of each combination, and files need no key for it.
    """

    name: str
    key: tuple[str, ...]
    order: tuple[str, ...] = ()
    references: dict[str, str] = field(default_factory=dict)
    audited: bool = True
    secret: frozenset[str] = frozenset()
    names: str = ""
    one_field: bool = False
    natural: tuple[str, ...] = ()

    @property
    def has_id(self) -> bool:
        """True when rows are numbered from the sequence, in a column named after the table."""
        return self.key == (f"{self.name}_id",)

    @property
    def told_apart_by(self) -> str | None:
        """The key column of a row without an id that an audit entry has no column for, or None."""
        rest = [] if self.has_id or self.one_field else [c for c in self.key if c not in (self.names, "account_id", "contact_id")]
        return rest[0] if rest else None

    @property
    def is_keyed(self) -> bool:
        """True when files of an import name a row by a key of theirs; else by what it refers to."""
        return self.has_id and not self.natural

    @property
    def unique(self) -> tuple[str, ...]:
        """The columns of which there is one row of each combination."""
        return self.natural or self.key


# References that many tables have.
ACCOUNT = {"account_id": "account"}
CONTACT = {"contact_id": "contact"}
MEMBER = {"staff_member_id": "staff_member"}


def _rows(name: str, **references: str) -> Table:
    return Table(name, (f"{name}_id",), ("account_id",), ACCOUNT | references)


TABLES = {
    table.name: table
    for table in (
        Table("firm", ("firm_id",), secret=frozenset({"logo"})),
        Table("staff_member", ("staff_member_id",), secret=frozenset({"password_hash"})),
        Table("staff_right", ("staff_member_id", "right_key"), references=MEMBER, names="staff_member_id"),
        Table(
            "session",
            ("session_id",),
            references=MEMBER | {"viewed_member_id": "staff_member"},
            audited=False,
            secret=frozenset({"token_hash"}),
        ),
        Table("one_time_link", ("one_time_link_id",), references=MEMBER, audited=False, secret=frozenset({"token_hash"})),
        Table("known_browser", ("known_browser_id",), references=MEMBER, audited=False, secret=frozenset({"token_hash"})),
        Table("second_factor", ("staff_member_id",), references=MEMBER, audited=False, secret=frozenset({"secret"})),
        Table("recovery_code", ("recovery_code_id",), references=MEMBER, audited=False, secret=frozenset({"code_hash"})),
        Table("provider_person", ("staff_member_id",), references=MEMBER, audited=False, secret=frozenset({"subject_hash"})),
        Table("recent_account", ("staff_member_id", "account_id"), references=ACCOUNT | MEMBER, audited=False),
        Table("saved_view", ("saved_view_id",), references=MEMBER),
        Table("cohort", ("cohort_id",), references=MEMBER),
        Table("cohort_account", ("cohort_id", "account_id"), ("cohort_id", "account_id"), ACCOUNT | {"cohort_id": "cohort"}, audited=False),
        Table("saved_query", ("saved_query_id",), references=MEMBER),
        Table("account", ("account_id",), ("account_id",), {"photo_id": "photo"}),
        Table("photo", ("photo_id",), ("account_id",), ACCOUNT),
        Table("tag", ("tag_id",)),
        Table("account_tag", ("account_id", "tag_id"), ("account_id",), ACCOUNT | {"tag_id": "tag"}, names="tag_id"),
        Table(
            "assignment", ("account_id", "staff_member_id"), ("staff_member_id", "account_id"), ACCOUNT | MEMBER, names="staff_member_id"
        ),
        Table("account_figure", ("account_id",), ("account_id",), ACCOUNT, audited=False),
        Table("account_habit", ("account_id",), ("account_id",), ACCOUNT, audited=False),
        Table("overview_card", ("account_id", "widget"), ("account_id",), ACCOUNT, audited=False),
        Table("search_word", ("word", "account_id", "rank"), ("word", "rank", "account_id"), ACCOUNT, audited=False),
        Table("search_text", ("account_id",), ("account_id",), ACCOUNT, audited=False),
        Table("contact", ("contact_id",), ("contact_id",)),
        Table("search_contact", ("contact_id",), ("contact_id",), CONTACT, audited=False),
        Table("account_contact", ("account_id", "contact_id"), ("account_id",), ACCOUNT | CONTACT),
        Table(
            "contact_email",
            ("contact_email_id",),
            ("contact_id",),
            CONTACT | {"custom_field_id": "custom_field"},
            secret=frozenset({"password_hash"}),
        ),
        Table(
            "email_access",
            ("account_id", "contact_id", "contact_email_id"),
            ("account_id",),
            ACCOUNT | CONTACT | {"contact_email_id": "contact_email"},
            names="contact_email_id",
        ),
        Table("custom_field", ("custom_field_id",)),
        Table(
            "account_field_value",
            ("account_id", "custom_field_id"),
            ("account_id",),
            ACCOUNT | {"custom_field_id": "custom_field"},
            names="custom_field_id",
            one_field=True,
        ),
        Table(
            "contact_field_value",
            ("contact_id", "custom_field_id"),
            ("contact_id",),
            CONTACT | {"custom_field_id": "custom_field"},
            names="custom_field_id",
            one_field=True,
        ),
        _rows("document", staff_member_id="staff_member", contact_id="contact", seen_by="staff_member"),
        Table(
            "document_opening",
            ("account_id", "document_id", "staff_member_id", "way", "opened_at"),
            ("account_id",),
            ACCOUNT | MEMBER | {"document_id": "document"},
            audited=False,
        ),
        _rows("task", job_id="job"),
        Table(
            "task_assignee",
            ("task_assignee_id",),
            ("account_id",),
            ACCOUNT | MEMBER | {"task_id": "task"},
            natural=("task_id", "staff_member_id"),
        ),
        _rows("email"),
        Table("pipeline", ("pipeline_id",)),
        Table("stage", ("stage_id",), references={"pipeline_id": "pipeline"}),
        _rows("job", pipeline_id="pipeline", stage_id="stage"),
        _rows("chat"),
        _rows("chat_message", chat_id="chat", staff_member_id="staff_member", contact_id="contact"),
        _rows("invoice"),
        _rows("invoice_line", invoice_id="invoice"),
        _rows("payment", invoice_id="invoice"),
        _rows("credit"),
        _rows("approval", document_id="document", decided_by="contact"),
        _rows("signature", document_id="document"),
        _rows("contract"),
        Table(
            "signatory",
            ("signatory_id",),
            ("account_id",),
            ACCOUNT | CONTACT | {"signature_id": "signature", "contract_id": "contract", "contact_email_id": "contact_email"},
            natural=("signature_id", "contract_id", "contact_email_id"),
        ),
        _rows("organizer"),
        _rows("login", contact_id="contact", contact_email_id="contact_email"),
        _rows("note", staff_member_id="staff_member"),
        Table(
            "turn_set_aside",
            ("turn_set_aside_id",),
            ("account_id",),
            ACCOUNT | MEMBER,
            # The amount of an invoice is not for everybody who may read of it.
            secret=frozenset({"amount"}),
            natural=("account_id", "kind", "object_id"),
        ),
        _rows("time_entry", staff_member_id="staff_member", job_id="job", invoice_id="invoice"),
        Table("notification", ("notification_id",), ("account_id",), ACCOUNT | {"contact_email_id": "contact_email"}, audited=False),
        Table("audit_entry", ("audit_entry_id",), audited=False),
        Table("import_run", ("import_run_id",), references=MEMBER | {"undo_staff_member_id": "staff_member"}, audited=False),
        Table("import_file", ("import_file_id",), references=MEMBER, audited=False),
        Table("import_job", ("import_job_id",), references=MEMBER | {"import_run_id": "import_run"}, audited=False),
        Table("import_feed", ("import_run_id", "table_name"), references={"import_run_id": "import_run"}, audited=False),
        Table("import_key", ("mapping", "table_name", "source_key"), audited=False),
        Table("import_shape", ("mapping", "table_name", "shape"), audited=False),
        Table("mail_thread", ("message_id",), audited=False),
        Table("mail_folder", ("mailbox", "folder"), audited=False),
        Table("import_word", ("mapping", "table_name", "entity_id", "account_id", "contact_id", "field"), audited=False),
    )
}
