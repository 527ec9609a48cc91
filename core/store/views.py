"""What the names of tables mean to a reader: views made at every opening, in several readings."""

from __future__ import annotations

from pathlib import Path

from core.store.tables import TABLES

# On a connection names stand for: the views of who sees some accounts; of who sees all (the same without the question which,
# so that a query is planned in half the time); of a client's contact; for an account one was let into the tables themselves.
# ``plain`` connections belong to writers and commands.
PATHS = {
    "views": "memory.main",
    "all": "memory.for_all,memory.main",
    "contact": "memory.for_contact,memory.main",
    "account": "memory.let_in,kundenblick.data",
    "plain": "memory.main",
}
VIEWS = Path(__file__).parent / "views.sql"
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
        "account",
        "photo",
        "recent_account",
        "account_figure",
        "overview_card",
        "contact",
        "contact_email",
        "contact_field_value",
        "invoice",
        "invoice_line",
        "payment",
        "credit",
        "time_entry",
        "audit_entry",
        "known_browser",
        "second_factor",
        "recovery_code",
        "provider_person",
    ]
)
# Read by the store itself only.
NO_VIEW = frozenset({"one_time_link", "import_run", "import_key", "import_shape", "import_word"})


def view_statements() -> str:
    """The views of ``views.sql`` and, for every other table, the plain rule *rows of accounts one sees*."""
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
    return VIEWS.read_text("utf-8") + plain + "\n" + everything
