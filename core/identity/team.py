"""The team as those see it who look after it: its members, who is invited, changed, sent away and brought back."""

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

OPEN_TO = (Role.OWNER, Role.ADMIN)


@dataclass(frozen=True)
class Member:
    """A team member; ``state`` is active, invited (has never come in) or deactivated, ``assigned`` counts clients the viewer sees."""

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
    """Whether something on the team page is this person's to do."""
    return _may_see(scope_of(viewer))


def _may_see(scope: Scope) -> bool:
    return scope.kind == "staff" and (scope.role in OPEN_TO or scope.allows(Right.MANAGE_TEAM))


def team_members(viewer: Viewer, text: str = "", *, gone: bool = False) -> list[Member]:
    """The team by name; ``text`` stands in name or address; people who are ``gone`` only when asked for. Raises NotAllowed."""
    with reader(viewer) as r:
        if not _may_see(r.scope):
            raise NotAllowed()
        rows, scope = r.rows(sql("team_members")), r.scope
        rights: dict[int, set[Right]] = {}
        for row in r.rows("SELECT staff_member_id, right_key FROM staff_right"):
            rights.setdefault(row["staff_member_id"], set()).add(Right(row["right_key"]))
    with reader(Viewer.system("team page")) as r:
        doors = {row["staff_member_id"]: row for row in r.rows(sql("team_doors"), now=now(), made_before=now() + MAX_CLOCK_AHEAD)}
    wanted = [folds(word)[0] for word in text[:200].split()]
    found = []
    for row in rows:
        about = "\n".join(folds(f"{row['name']} {row['email'] or ''}"))
        if (row["is_active"] or gone) and all(word in about for word in wanted):
            found.append(_member(row, doors.get(row["staff_member_id"], {}), rights, scope.role, viewer))
    return found


def _member(row: Row, door: Row, rights: dict[int, set[Right]], role_of_viewer: Role | None, viewer: Viewer) -> Member:
    member, role = row["staff_member_id"], Role(row["role"])
    came = door.get("has_password") or door.get("last_signed_in_at")
    own = member == viewer.id
    manageable = not own and (role_of_viewer is Role.OWNER or (role_of_viewer is Role.ADMIN and role is Role.EMPLOYEE))
    return Member(
        member, row["name"], row["email"], role, "deactivated" if not row["is_active"] else "active" if came else "invited", row["assigned"],
        door.get("last_signed_in_at"), door.get("invited_until"), bool(door.get("has_password")), bool(door.get("has_come_by_provider")), frozenset(rights.get(member, ())),
        row["version"], manageable, own,
    )  # fmt: skip


def team_member(viewer: Viewer, staff_member_id: int) -> Member:
    """One member of the team, gone or not. Raises NotAllowed, NotFound."""
    for member in team_members(viewer, gone=True):
        if member.staff_member_id == staff_member_id:
            return member
    raise NotFound()


def roles_to_give(viewer: Viewer) -> tuple[Role, ...]:
    """The roles this person may give somebody else."""
    return {Role.OWNER: tuple(Role), Role.ADMIN: (Role.EMPLOYEE,)}.get(scope_of(viewer).role, ())


def parting(viewer: Viewer, staff_member_id: int) -> Row:
    """What the member would leave behind: clients, clients_alone, tasks, tasks_alone. Raises NotAllowed."""
    with reader(viewer) as r:
        if not _may_see(r.scope):
            raise NotAllowed()
        return r.row(sql("parting"), staff_member_id=staff_member_id)


def _cleaned(tx: Tx, name: str, email: str, present: Row | None = None) -> tuple[str, str]:
    """Name and address as they are kept. Raises ValidationFailed with every problem at once."""
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
    """Exactly these rights, by key; True when that changed something. Raises ValidationFailed."""
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
    tx: Tx, viewer: Viewer, *, name: str, email: str, role: str = "employee", rights: frozenset[str] = frozenset()
) -> tuple[int, str]:
    """A new team member who sets the password with a link; returns (id, token). Raises ValidationFailed, NotAllowed."""
    chosen = _role(role)
    require_over(tx, None, chosen)
    name, email = _cleaned(tx, name, email)
    member = tx.insert("staff_member", name=name, email=email, role=chosen.value, created_at=now())
    if chosen is Role.EMPLOYEE:
        _give_rights(tx, member, frozenset(rights))
    return member, invite(tx, member)


@verb("staff_member.edit")
def edit_member(
    tx: Tx, viewer: Viewer, staff_member_id: int, version: int | None, *, name: str, email: str, role: str, rights: frozenset[str],
) -> None:  # fmt: skip
    """Name, address, role and rights of somebody below; the last owner keeps the role, nobody changes themselves.

    Rights are those of an employee; other roles have every right and keep what was set for later. Another address makes
    an invitation to the old one worthless. Raises NotAllowed, NotFound, ValidationFailed, EditConflict.
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
def invite_member_again(tx: Tx, viewer: Viewer, staff_member_id: int) -> str:
    """A new link for somebody who has not come in yet; the old one is worthless. Returns its token. Raises NotFound, NotAllowed."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    member = tx.get("staff_member", staff_member_id)
    if member is None or not member["is_active"] or member["password_hash"] or not member["email"]:
        raise NotFound()
    return invite(tx, staff_member_id)


@verb("staff_member.withdraw_invitation")
def withdraw_invitation(tx: Tx, viewer: Viewer, staff_member_id: int) -> None:
    """The link is worthless and the member, who never came in, is deactivated. Raises NotFound, NotAllowed."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    member = tx.get("staff_member", staff_member_id)
    if member is None or member["password_hash"]:
        raise NotFound()
    keep_an_owner(tx, staff_member_id)
    void_team_invitations(tx, staff_member_id)
    tx.update("staff_member", staff_member_id, is_active=False)


@verb("staff_member.reactivate")
def reactivate(tx: Tx, viewer: Viewer, staff_member_id: int) -> None:
    """May sign in again, with the role, rights and assignments from before; an old link stays worthless. Raises NotFound, NotAllowed."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    if tx.get("staff_member", staff_member_id) is None:
        raise NotFound()
    void_team_invitations(tx, staff_member_id)
    tx.update("staff_member", staff_member_id, is_active=True)
