"""Make the views that readers see under the tables' names, at every opening of the database."""

from __future__ import annotations

from pathlib import Path

from core.store.tables import TABLES

# Search path per kind of connection: of a member who sees some accounts; of one who sees all (views without the condition which, so that
# queries are planned in half the time); of a client's contact; of a reader of one account, mostly the tables themselves. ``plain``
# connections are for writers and commands.
PATHS = {
    "views": "memory.main",
    "all": "memory.for_all,memory.main",
    "contact": "memory.for_contact,memory.main",
    "account": "memory.let_in,kundenblick.data",
    "plain": "memory.main",
}
VIEWS = Path(__file__).parent / "views.sql"
# Tables whose views are written in that file.
OWN_VIEWS = frozenset(
    [
        "firm",
        "staff_member",
        "staff_right",
        "tag",
        "pipeline",
        "stage",
        "custom_field",
        "session",
        "saved_view",
        "cohort",
        "cohort_account",
        "saved_query",
        "account",
        "photo",
        "recent_account",
        "account_figure",
        "overview_card",
        "contact",
        "contact_email",
        "contact_field_value",
        "search_contact",
        "invoice",
        "invoice_line",
        "payment",
        "credit",
        "time_entry",
        "turn_set_aside",
        "audit_entry",
        "known_browser",
        "second_factor",
        "recovery_code",
        "provider_person",
    ]
)
# Tables that the store alone reads, and one whose view is for the system.
NO_VIEW = frozenset(
    {
        "one_time_link",
        "import_run",
        "import_key",
        "import_shape",
        "import_word",
        "import_feed",
        "import_file",
        "import_job",
        "mail_folder",
        "mail_thread",
    }
)


def view_statements() -> str:
    """Return the SQL of all views: those of ``views.sql``, and for every other table the rows of accounts the viewer sees."""
    plain = "\n".join(
        f"CREATE VIEW {name} AS FROM kundenblick.data.{name} WHERE getvariable('sees_all') OR account_id IN (FROM visible_account);"
        for name in TABLES
        if name not in OWN_VIEWS | NO_VIEW
    )
    everything = "\n".join(
        f"CREATE VIEW for_all.{name} AS FROM kundenblick.data.{name} WHERE getvariable('sees_all');"
        for name in TABLES
        if name not in OWN_VIEWS | NO_VIEW
    )
    own = VIEWS.read_text("utf-8")
    # A reader of one account falls through to the bare tables, which is meant for rows of accounts only.
    closed = "\n".join(
        f"CREATE VIEW let_in.{name} AS FROM {'memory.main' if name in OWN_VIEWS else 'kundenblick.data'}.{name}"
        f"{'' if name in OWN_VIEWS else ' WHERE FALSE'};"
        for name in TABLES
        if name in OWN_VIEWS | NO_VIEW and f"CREATE VIEW let_in.{name} " not in own
    )
    return "\n".join((own, plain, everything, closed))
