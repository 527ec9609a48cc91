"""Every way a session ends or becomes another's, done inside the server by the app's own verbs, or by turning its clock."""

from __future__ import annotations

from datetime import timedelta

from core.access.contact_access import set_access
from core.access.open_account import open_account
from core.access.view_as import begin_view, end_view
from core.base.config import read_settings
from core.base.rights import Viewer
from core.identity.members import deactivate, set_password
from core.identity.sessions import end_other_sessions, end_own_session, end_session
from core.store import now, reader, writer

SYSTEM = Viewer.system("tests")
STAFF = ("left", "ended", "others_ended", "password", "deactivated", "idle", "absolute", "view_began", "view_ended")
CONTACT = ("left", "login_off", "idle", "absolute", "archived")


def end_by(way: str, about: dict) -> None:
    """End the session of ``about["token_hash"]``, of the member or contact in ``about``."""
    settings, token = read_settings(), about["token_hash"]
    match way:
        case "left":
            end_session(token)
        case "ended":
            with reader(SYSTEM) as r:
                session_id = r.value("SELECT session_id FROM live_session WHERE token_hash = $token", token=token)
            end_own_session(Viewer.staff(about["member"]), session_id)
        case "others_ended":
            end_other_sessions(Viewer.staff(about["member"]), None)
        case "password":
            set_password(SYSTEM, about["member"], "ein-ganz-anderes-wort-im-regen")
        case "deactivated":
            deactivate(SYSTEM, about["member"])
        case "idle" | "absolute":
            idle = settings.portal_idle_minutes if about.get("contact_email") else settings.session_idle_minutes
            back = timedelta(minutes=idle + 1) if way == "idle" else timedelta(hours=settings.session_hours, minutes=1)
            column = "last_used_at" if way == "idle" else "created_at"
            with writer(SYSTEM) as tx:
                tx.execute(f"UPDATE session SET {column} = $at WHERE token_hash = $token", {"at": now() - back, "token": token})
        case "view_began":
            begin_view(Viewer.staff(about["member"]), about["below"], token)
        case "view_ended":
            end_view(Viewer.staff(about["member"]), token)
        case "login_off":
            set_access(open_account(Viewer.staff(about["owner"]), about["account"]), about["contact_email"], login=False)
        case "archived":
            with writer(SYSTEM) as tx:
                tx.update("account", about["account"], archived_at=now())
        case _:
            raise ValueError(way)


def state_of_firm() -> dict[str, str]:
    """Every table as one number, but what merely says that somebody was there: sessions, throttling, who opened what or read the record, the record itself.

    A backup is made by the server alone, between two and three at night once it has run for a minute.
    """
    with writer(SYSTEM) as tx:
        tables = [row["table_name"] for row in tx.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'data'")]
        told = {
            table: str(tx.value(f"SELECT coalesce(sum(hash(t)), 0) || ' ' || count(*) FROM {table} t"))
            for table in tables if table not in ("session", "sign_in_try", "audit_entry", "overview_card", "login", "mail_out", "recent_account")
        }  # fmt: skip
        told["entries"] = str(
            tx.value("SELECT count(*) FROM audit_entry WHERE action NOT IN ('refused', 'view_ended', 'record_read', 'backed_up')")
        )
    return told
