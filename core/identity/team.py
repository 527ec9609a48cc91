"""Look after the team: list, invite, edit, deactivate and reactivate its members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.access.one_time_links import MAX_CLOCK_AHEAD
from core.access.verbs import verb
from core.base.errors import EditConflict, NotAllowed, NotFound, ValidationFailed
from core.base.rights import Right, Role, Scope, Viewer
from core.base.text_folding import folds
from core.identity.members import clean_email, clean_name, free_email, keep_an_owner, require_over
from core.identity.team_invitation import invite, void_team_invitations
from core.store import Row, Tx, now, reader, scope_of, sql

# Roles that see the team page; employees need the right to manage the team.
OPEN_TO = (Role.OWNER, Role.ADMIN)


@dataclass(frozen=True)
class Member:
    """A team member as the viewer sees them.

    Args:
        state: ``active``, ``invited`` (has never signed in) or ``deactivated``.
        assigned: Number of assigned clients that the viewer sees.
        invited_until: End of an open invitation.
        rights: Own rights of an employee; other roles have every right.
        is_manageable: Whether the viewer may change them.
    """

    staff_member_id: int
    name: str
    email: str | None
    role: Role
    state: str
    assigned: int
    last_signed_in_at: datetime | None
    invited_until: datetime | None
    has_password: bool
    has_come_by_provider: bool
    rights: frozenset[Right]
    version: int
    is_manageable: bool
    is_own: bool


def may_see_team(viewer: Viewer) -> bool:
    """Return whether the viewer may see the team page."""
    return _may_see(scope_of(viewer))


def _may_see(scope: Scope) -> bool:
    return scope.kind == "staff" and (scope.role in OPEN_TO or scope.allows(Right.MANAGE_TEAM))


def team_members(viewer: Viewer, text: str = "", *, gone: bool = False) -> list[Member]:
    """Return members by name; every word of ``text`` is in name or address; deactivated ones only with ``gone``. Raises NotAllowed."""
    with reader(viewer) as r:
        if not _may_see(r.scope):
            raise NotAllowed()
        rows, scope = r.rows(sql("team_members")), r.scope
        rights: dict[int, set[Right]] = {}
        for row in r.rows("SELECT staff_member_id, right_key FROM staff_right"):
            rights.setdefault(row["staff_member_id"], set()).add(Right(row["right_key"]))
    with reader(Viewer.system("team page")) as r:
        credentials = {
            row["staff_member_id"]: row for row in r.rows(sql("team_credentials"), now=now(), made_before=now() + MAX_CLOCK_AHEAD)
        }
    wanted = [folds(word)[0] for word in text[:200].split()]
    found = []
    for row in rows:
        about = "\n".join(folds(f"{row['name']} {row['email'] or ''}"))
        if (row["is_active"] or gone) and all(word in about for word in wanted):
            found.append(_member(row, credentials.get(row["staff_member_id"], {}), rights, scope.role, viewer))
    return found


def _member(row: Row, credential: Row, rights: dict[int, set[Right]], role_of_viewer: Role | None, viewer: Viewer) -> Member:
    member, role = row["staff_member_id"], Role(row["role"])
    came = credential.get("has_password") or credential.get("last_signed_in_at")
    own = member == viewer.id
    manageable = not own and (role_of_viewer is Role.OWNER or (role_of_viewer is Role.ADMIN and role is Role.EMPLOYEE))
    return Member(
        member, row["name"], row["email"], role, "deactivated" if not row["is_active"] else "active" if came else "invited", row["assigned"],
        credential.get("last_signed_in_at"), credential.get("invited_until"), bool(credential.get("has_password")), bool(credential.get("has_come_by_provider")), frozenset(rights.get(member, ())),
        row["version"], manageable, own,
    )  # fmt: skip


def team_member(viewer: Viewer, staff_member_id: int) -> Member:
    """Return one member, deactivated or not. Raises NotAllowed, NotFound."""
    for member in team_members(viewer, gone=True):
        if member.staff_member_id == staff_member_id:
            return member
    raise NotFound()


def roles_to_give(viewer: Viewer) -> tuple[Role, ...]:
    """Return the roles the viewer may give to others."""
    match scope_of(viewer).role:
        case Role.OWNER:
            return tuple(Role)
        case Role.ADMIN:
            return (Role.EMPLOYEE,)
        case _:
            return ()


def parting(viewer: Viewer, staff_member_id: int) -> Row:
    """Return how much work a member would leave: clients, clients_alone, tasks, tasks_alone. Raises NotAllowed."""
    with reader(viewer) as r:
        if not _may_see(r.scope):
            raise NotAllowed()
        return r.only_row(sql("parting"), staff_member_id=staff_member_id)


def _cleaned(tx: Tx, name: str, email: str, present: Row | None = None) -> tuple[str, str]:
    """Return name and address, cleaned. Raises ValidationFailed with every problem at once."""
    problems: dict[str, tuple[str, dict[str, object]]] = {}
    found: dict[str, str] = {}
    for key, clean, raw in (("name", clean_name, name), ("email", clean_email, email)):
        try:
            found[key] = clean(raw)
            if key == "email" and (present is None or found[key] != present["email"]):
                free_email(tx, found[key])
        except ValidationFailed as failed:
            problems |= failed.problems
    if problems:
        raise ValidationFailed(problems)
    return found["name"], found["email"]


def _role(key: str) -> Role:
    try:
        return Role(key)
    except ValueError:
        raise ValidationFailed({"role": ("choice_unknown", {})}) from None


def _give_rights(tx: Tx, staff_member_id: int, wanted: frozenset[str]) -> bool:
    """Give a member exactly these rights, by key. Return whether that changed something. Raises ValidationFailed."""
    if not wanted <= {right.value for right in Right}:
        raise ValidationFailed({"rights": ("choice_unknown", {})})
    has = {row["right_key"] for row in tx.rows("SELECT right_key FROM staff_right WHERE staff_member_id = $id", id=staff_member_id)}
    for key in sorted(wanted - has):
        tx.insert("staff_right", staff_member_id=staff_member_id, right_key=key)
    for key in sorted(has - wanted):
        tx.delete("staff_right", {"staff_member_id": staff_member_id, "right_key": key})
    return wanted != has


@verb("staff_member.invite")
def invite_member(
    tx: Tx, _viewer: Viewer, *, name: str, email: str, role: str = "employee", rights: frozenset[str] = frozenset()
) -> tuple[int, str]:
    """Add a team member who sets their password with a link. Return (id, token). Raises NotAllowed, ValidationFailed."""
    chosen = _role(role)
    require_over(tx, None, chosen)
    name, email = _cleaned(tx, name, email)
    member = tx.insert("staff_member", name=name, email=email, role=chosen.value, created_at=now())
    if chosen is Role.EMPLOYEE:
        _give_rights(tx, member, frozenset(rights))
    return member, invite(tx, member)


@verb("staff_member.edit")
def edit_member(
    tx: Tx, _viewer: Viewer, staff_member_id: int, version: int | None, *, name: str, email: str, role: str, rights: frozenset[str],
) -> None:  # fmt: skip
    """Change name, address, role and rights of a member below; the last owner keeps the role, nobody changes themselves.

    Rights are changed for employees only: other roles have every right and keep what was set for later. A new address voids the
    invitation to the old one. Raises AppError, EditConflict, NotAllowed, NotFound, ValidationFailed.
    """
    chosen = _role(role)
    require_over(tx, staff_member_id, chosen)
    present = tx.get("staff_member", staff_member_id)
    if present is None:
        raise NotFound()
    if version is not None and present["version"] != version:
        raise EditConflict({})
    if chosen is not Role.OWNER:
        keep_an_owner(tx, staff_member_id)
    name, email = _cleaned(tx, name, email, present)
    if email != present["email"]:
        void_team_invitations(tx, staff_member_id)
    tx.update("staff_member", staff_member_id, name=name, email=email, role=chosen.value)
    if chosen is Role.EMPLOYEE and _give_rights(tx, staff_member_id, frozenset(rights)):
        tx.touch("staff_member", staff_member_id)


@verb("staff_member.invite_again")
def invite_member_again(tx: Tx, _viewer: Viewer, staff_member_id: int) -> str:
    """Invite a member again who has never signed in, and void the old link. Return the token. Raises NotAllowed, NotFound."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    member = tx.get("staff_member", staff_member_id)
    if member is None or not member["is_active"] or member["password_hash"] or not member["email"]:
        raise NotFound()
    return invite(tx, staff_member_id)


@verb("staff_member.withdraw_invitation")
def withdraw_invitation(tx: Tx, _viewer: Viewer, staff_member_id: int) -> None:
    """Void the invitation of a member who never signed in, and deactivate them. Raises AppError, NotAllowed, NotFound."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    member = tx.get("staff_member", staff_member_id)
    if member is None or member["password_hash"]:
        raise NotFound()
    keep_an_owner(tx, staff_member_id)
    void_team_invitations(tx, staff_member_id)
    tx.update("staff_member", staff_member_id, is_active=False)


@verb("staff_member.reactivate")
def reactivate(tx: Tx, _viewer: Viewer, staff_member_id: int) -> None:
    """Let a member sign in again, with the role, rights and assignments from before; old links stay void. Raises NotAllowed, NotFound."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    if tx.get("staff_member", staff_member_id) is None:
        raise NotFound()
    void_team_invitations(tx, staff_member_id)
    tx.update("staff_member", staff_member_id, is_active=True)
