"""Sessions of people who signed in: a random token in the browser's cookie, only its hash in the store."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from core.access.contact_access import record_login
from core.access.one_time_links import MAX_CLOCK_AHEAD
from core.access.verbs import verb
from core.access.view_as import MAX_VIEW, close_views, sweep_views
from core.base.config import Settings
from core.base.errors import AppError, NotAllowed, NotFound
from core.base.rights import Role, Viewer
from core.base.tokens import hash_token, new_token
from core.i18n.devices import system_in_sql
from core.identity.begun_sign_in import Begun, finish
from core.identity.members import end_sessions_of
from core.identity.oidc_subject import Subject, remember_person
from core.store import SESSION, Row, Tx, engine, now, reader, sql, writer

SYSTEM = Viewer.system("sessions")
log = logging.getLogger("kundenblick")
# A click renews the idle time, and is written down at most this often; polls renew nothing.
NOTED_EVERY = timedelta(minutes=1)
# Sessions after which one on a system that was never seen is odd.
HABIT = 5


def start_session(
    who: Viewer | int, network_address: str, user_agent: str, browser: str | None = None, subject: Subject | None = None,
    begun: Begun | None = None,
) -> str:  # fmt: skip
    """Start a session for a team member (by id) or a contact's address. Return the 256-bit token for the cookie.

    - ``browser``: Hash of the browser's own cookie; the browser is known as this person's from now on.
    - ``subject``: The person as the identity provider named them.
    - ``begun``: The sign-in that leads here; it ends.

    Raises AnotherPerson, SignInVoid.
    """
    token, viewer = new_token(), Viewer.of(who)
    person = viewer.own_id
    issuer = subject.issuer if subject else None
    owner = "staff_member" if viewer.kind == "staff" else "contact_email"
    with writer(SYSTEM) as tx:
        if begun is not None:
            finish(tx, begun)
        if subject is not None:
            remember_person(tx, person, subject)
        tx.insert(
            "session",
            token_hash=hash_token(token),
            **{f"{owner}_id": person},
            created_at=now(),
            last_used_at=now(),
            network_address=network_address[:64],
            user_agent=user_agent[:200],
            issuer=issuer,
        )
        if browser is not None:
            key = {"token_hash": browser, f"{owner}_id": person}
            if (known := tx.get("known_browser", key)) is None:
                tx.insert("known_browser", **key, created_at=now(), last_used_at=now())
            else:
                tx.update("known_browser", known["known_browser_id"], last_used_at=now())
        tx.note("signed_in", owner, person, text=issuer)
        if viewer.kind == "contact":
            record_login(tx, person, "success", network_address, user_agent)
    return token


def viewer_of(token_hash: str | None, settings: Settings) -> Viewer | None:
    """Return the viewer a session belongs to; None when it ended, was idle too long, is too old, or its person may not sign in.

    While its member looks as another one, the viewer is that one (``by`` names the member).
    """
    row = _living(token_hash, settings)
    if row is None:
        return None
    viewer = _viewer_in(row)
    if row["viewed_member_id"] is not None and viewer.by is None:
        try:
            sweep_views()
        except AppError:
            log.exception("the end of a view could not be written down")
    return viewer.in_session(partial(standing_of, token_hash, settings))


def standing_of(token_hash: str | None, settings: Settings) -> Viewer | None:
    """Return the viewer a session belongs to at this moment, or None; writes nothing, so that a transaction can ask too."""
    row = _living(token_hash, settings)
    return None if row is None else _viewer_in(row)


def known_standing_of(token_hash: str, settings: Settings) -> tuple[Viewer | None] | None:
    """Return (the session's viewer or None,) where that is known without asking the database; else None."""
    found, _ = engine().kept.get(("session", token_hash), SESSION)
    return None if not found else (_viewer_in(found[0]) if _lives(found[0], settings) else None,)


def _viewer_in(row: Row) -> Viewer:
    """Return the viewer of a living session: its contact, its member, or the one its member looks as while that is allowed."""
    if row["contact_email_id"]:
        return Viewer.contact(row["contact_email_id"])
    if row["viewed_member_id"] is None:
        return Viewer.staff(row["staff_member_id"])
    # A view begun while the clock was ahead would last for as long as the clock was wrong.
    if (
        now() < row["viewed_until"] < now() + MAX_VIEW + MAX_CLOCK_AHEAD
        and row["viewed_role"]
        and Role(row["role"]).over(Role(row["viewed_role"]))
    ):
        return Viewer.looking_as(row["viewed_member_id"], by=row["staff_member_id"])
    return Viewer.staff(row["staff_member_id"])


def _living(token_hash: str | None, settings: Settings) -> Row | None:
    """Return the row of a session that lives, with its person's role; else None."""
    if not token_hash:
        return None
    kept = engine().kept
    found, version = kept.get(("session", token_hash), SESSION)
    if found:
        row = found[0]
    else:
        with reader(SYSTEM) as r:
            row = r.row(sql("session_owner"), token_hash=token_hash)
        # Hashes of invented tokens are not cached: there are too many of them.
        if row is not None:
            kept.put(("session", token_hash), row, version)
    return row if row is not None and _lives(row, settings) else None


def _lives(row: Row, settings: Settings) -> bool:
    """Return whether a session lives by its times."""
    if row["ended_at"] is not None:
        return False
    moment = now()
    if max(row["last_used_at"], row["created_at"]) > moment + MAX_CLOCK_AHEAD:
        # Stamped while the clock was ahead, it would live for as long as the clock was wrong.
        return False
    return moment - row["last_used_at"] <= _idle(row, settings) and moment - row["created_at"] <= timedelta(hours=settings.session_hours)


def _idle(row: Row, settings: Settings) -> timedelta:
    return timedelta(minutes=settings.portal_idle_minutes if row["contact_email_id"] else settings.session_idle_minutes)


def known_to_live(token_hash: str, settings: Settings, *, used: bool = False) -> bool:
    """Return whether a session lives, known without asking the database; if ``used``, also whether its use need not be noted yet."""
    found, _ = engine().kept.get(("session", token_hash), SESSION)
    if not found or not _lives(found[0], settings):
        return False
    return not used or now() - found[0]["last_used_at"] < _noted_every(found[0], settings)


def _noted_every(row: Row, settings: Settings) -> timedelta:
    return min(NOTED_EVERY, _idle(row, settings) / 5)


@dataclass(frozen=True)
class TimeLeft:
    """Minutes until a session ends.

    Args:
        idle: Until it ends unless the person does something.
        absolute: Until it ends whatever they do.
        of_idle: What ``idle`` is right after they did something.
    """

    idle: float
    absolute: float
    of_idle: float


def ends_in(token_hash: str | None, settings: Settings) -> TimeLeft | None:
    """Return how long a session still lives; None for one that ended."""
    row = _living(token_hash, settings)
    if row is None:
        return None
    idle = _idle(row, settings).total_seconds() / 60
    used, made = ((now() - row[column]).total_seconds() / 60 for column in ("last_used_at", "created_at"))
    return TimeLeft(idle - used, settings.session_hours * 60 - made, idle)


def own_sessions(viewer: Viewer, token_hash: str | None, settings: Settings) -> list[Row]:
    """Return one's own living sessions, this one first: session_id, created_at, last_used_at, network_address, user_agent, is_this."""
    mine = _session_of(token_hash)
    with reader(viewer) as r:
        return r.rows(sql("own_sessions"), mine=mine, **_living_after(settings))


def own_new_system(viewer: Viewer, token_hash: str | None, settings: Settings) -> Row | None:
    """Return the viewer's newest other living session on a system they had never signed in from: session_id, created_at, user_agent.

    None where there is none, for who has no habit yet, and while somebody looks as the viewer.
    """
    if viewer.by is not None:
        return None
    query, mine = sql("own_new_system").replace("{system}", system_in_sql("s.user_agent")), _session_of(token_hash)
    with reader(viewer) as r:
        return r.row(query, mine=mine, habit=HABIT, **_living_after(settings))


def _session_of(token_hash: str | None) -> int | None:
    with reader(SYSTEM) as r:
        found: int | None = r.value("SELECT session_id FROM live_session WHERE token_hash = $hash", hash=token_hash or "")
    return found


def _living_after(settings: Settings) -> dict[str, datetime]:
    """Return after when a session that lives was used, and begun."""
    moment = now()
    return {
        "used_after": moment - timedelta(minutes=settings.session_idle_minutes), "made_after": moment - timedelta(hours=settings.session_hours),
    }  # fmt: skip


@verb("session.end")
def end_own_session(tx: Tx, viewer: Viewer, session_id: int) -> None:
    """End one of one's own sessions. Raises NotFound for any other."""
    row = tx.get("session", session_id)
    if viewer.kind != "staff" or row is None or row["staff_member_id"] != viewer.id:
        raise NotFound()
    tx.execute("UPDATE session SET ended_at = $now WHERE session_id = $id AND ended_at IS NULL", {"now": now(), "id": session_id})
    close_views(tx)
    tx.note("session_ended", "staff_member", viewer.id)


@verb("session.end_others")
def end_other_sessions(tx: Tx, viewer: Viewer, keep: str | None) -> None:
    """End every session of one's own but the one with this token hash. Raises NotAllowed."""
    if viewer.kind != "staff":
        raise NotAllowed()
    end_sessions_of(tx, viewer, keep)
    close_views(tx)
    tx.note("sessions_ended", "staff_member", viewer.id)


def note_use(token_hash: str, settings: Settings) -> None:
    """Renew the idle time of a living session, because its person did something."""
    row = _living(token_hash, settings)
    if row is None:
        return
    if now() - row["last_used_at"] < _noted_every(row, settings):
        return
    with writer(SYSTEM) as tx:
        # Every open page asks for its session every few seconds: only this one's cached row is outdated.
        asked = {"now": now(), "hash": token_hash}
        tx.execute("UPDATE session SET last_used_at = $now WHERE token_hash = $hash", asked, only=("session", token_hash))


def end_session(token_hash: str) -> str | None:
    """End a session, in every tab at once. Return the identity provider it began with, if it lived until now."""
    with writer(SYSTEM) as tx:
        issuer = tx.value("SELECT issuer FROM session WHERE token_hash = $hash AND ended_at IS NULL", hash=token_hash)
        tx.execute("UPDATE session SET ended_at = $now WHERE token_hash = $hash AND ended_at IS NULL", {"now": now(), "hash": token_hash})
        close_views(tx)
    return issuer


def store_answers() -> bool:
    """Return whether the store answers at this moment."""
    try:
        engine().require_file()
        with reader(SYSTEM) as r:
            return r.value("SELECT 1") == 1
    except AppError:
        return False
