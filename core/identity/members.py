"""Team members: passwords, roles, rights, assignments; the first owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from core.access.one_time_links import FIRST_OWNER, make_link, open_link, use_link, void_links
from core.access.verbs import verb
from core.access.view_as import close_views
from core.base.contact_points import one_address, same_address
from core.base.errors import AppError, InvalidValue, NotAllowed, NotFound, ValidationFailed
from core.base.rights import Right, Role, Viewer
from core.base.text_folding import normalise
from core.identity.begun_sign_in import Begun, begin
from core.identity.passwords import clean_password
from core.store import Tx, now, reader, writer

K = TypeVar("K", Role, Right)
# SQL: the name of the firm, and the number of active owners.
FIRM = "SELECT name FROM firm LIMIT 1"
OWNERS = "SELECT count(*) FROM staff_member WHERE role = 'owner' AND is_active"


def clean_email(email: str) -> str:
    """Return an address in lower case, checked by its form only. Raises ValidationFailed."""
    try:
        return one_address(email)
    except InvalidValue as bad:
        raise ValidationFailed({"email": bad.problem}) from None


def clean_name(name: str, problem: str = "person_name_length") -> str:
    """Return a name of 1 to 200 characters, normalised. Raises ValidationFailed with the code ``problem``."""
    name = normalise(name)
    if not 1 <= len(name) <= 200:
        raise ValidationFailed({"name": (problem, {})})
    return name


def _chosen(kind: type[K], key: str) -> K:
    """Return the role or right with that key. Raises ValidationFailed."""
    try:
        return kind(key)
    except ValueError:
        raise ValidationFailed({kind.__name__.lower(): ("choice_unknown", {})}) from None


def free_email(tx: Tx, email: str) -> str:
    """Return the address. Raises ValidationFailed when a team member or a contact has it already."""
    taken = "SELECT 1 FROM staff_member WHERE email = $email UNION ALL SELECT 1 FROM contact_email WHERE lower(email) = $email"
    if tx.value(taken, email=email):
        raise ValidationFailed({"email": ("email_in_use", {})})
    return email


def require_over(tx: Tx, staff_member_id: int | None, role: Role) -> None:
    """Raise NotAllowed unless the viewer may give ``role`` to this member: owners to all others, admins among employees."""
    if tx.scope.kind == "system":
        return
    target = tx.get("staff_member", staff_member_id) if staff_member_id else None
    touched = {role} | ({Role(target["role"])} if target else set())
    if tx.scope.role is Role.OWNER and staff_member_id != tx.viewer.id:
        return
    if tx.scope.role is Role.ADMIN and touched == {Role.EMPLOYEE}:
        return
    raise NotAllowed()


def keep_an_owner(tx: Tx, staff_member_id: int) -> None:
    """Raise AppError ``last_owner`` when this member is the only active owner, NotFound when they do not exist."""
    others = "SELECT count(*) FROM staff_member WHERE role = 'owner' AND is_active AND staff_member_id <> $id"
    member = tx.get("staff_member", staff_member_id)
    if member is None:
        raise NotFound()
    if member["role"] == Role.OWNER and member["is_active"] and not tx.value(others, id=staff_member_id):
        raise AppError("last_owner")


@verb("staff_member.add")
def add_member(
    tx: Tx, _viewer: Viewer, *, name: str, email: str, role: str = "employee", password: str | None = None, firm: str | None = None,
) -> int:  # fmt: skip
    """Add a team member and return the id; ``firm`` names the firm where there is none yet. Raises ValidationFailed, NotAllowed."""
    chosen = _chosen(Role, role)
    require_over(tx, None, chosen)
    if firm is not None and not tx.value(FIRM):
        tx.insert("firm", name=clean_name(firm, "name_length"), created_at=now())
    return tx.insert(
        "staff_member",
        name=clean_name(name),
        email=free_email(tx, clean_email(email)),
        role=chosen.value,
        password_hash=clean_password(password, name, email) if password else None,
        created_at=now(),
    )


@verb("staff_member.set_password")
def set_password(tx: Tx, viewer: Viewer, staff_member_id: int, password: str, keep: str | None = None) -> None:
    """Set a member's password; end their sessions, but for the one with token hash ``keep``, and void their links.

    Raises NotAllowed, NotFound, ValidationFailed.
    """
    if viewer.kind != "system" and staff_member_id != viewer.id:
        require_over(tx, staff_member_id, Role.EMPLOYEE)
    member = tx.get("staff_member", staff_member_id)
    if member is None:
        raise NotFound()
    tx.update("staff_member", staff_member_id, password_hash=clean_password(password, member["name"], member["email"]))
    end_sessions_of(tx, Viewer.staff(staff_member_id), keep)
    close_views(tx)
    void_links(tx, Viewer.staff(staff_member_id))


@verb("staff_member.set_role")
def set_role(tx: Tx, _viewer: Viewer, staff_member_id: int, role: str) -> None:
    """Change a member's role; the last owner keeps theirs. Raises AppError, NotAllowed, NotFound, ValidationFailed."""
    chosen = _chosen(Role, role)
    require_over(tx, staff_member_id, chosen)
    if chosen is not Role.OWNER:
        keep_an_owner(tx, staff_member_id)
    tx.update("staff_member", staff_member_id, role=chosen.value)


@verb("staff_right.set")
def set_rights(tx: Tx, _viewer: Viewer, staff_member_id: int, rights: set[str]) -> None:
    """Give a member exactly these rights, by key. Raises NotAllowed, NotFound, ValidationFailed."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    wanted = {_chosen(Right, key).value for key in rights}
    if tx.get("staff_member", staff_member_id) is None:
        raise NotFound()
    has = {r["right_key"] for r in tx.rows("SELECT right_key FROM staff_right WHERE staff_member_id = $id", id=staff_member_id)}
    for key in sorted(wanted - has):
        tx.insert("staff_right", staff_member_id=staff_member_id, right_key=key)
    for key in sorted(has - wanted):
        tx.delete("staff_right", {"staff_member_id": staff_member_id, "right_key": key})
    if wanted != has:
        tx.touch("staff_member", staff_member_id)


@verb("staff_member.deactivate")
def deactivate(tx: Tx, _viewer: Viewer, staff_member_id: int) -> None:
    """Let a member sign in no more, and end their sessions; the last owner stays. Raises AppError, NotAllowed, NotFound."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    keep_an_owner(tx, staff_member_id)
    tx.update("staff_member", staff_member_id, is_active=False)
    _end_sessions(tx, staff_member_id)


@verb("assignment.add")
def assign(tx: Tx, _viewer: Viewer, staff_member_id: int, account_id: int) -> None:
    """Assign a member to an account. Raises AccountNotFound, NotAllowed, NotFound."""
    tx.require(Right.MANAGE_TEAM)
    tx.see(account_id)
    key = {"account_id": account_id, "staff_member_id": staff_member_id}
    if tx.get("staff_member", staff_member_id) is None:
        raise NotFound()
    if tx.get("assignment", key) is None:
        tx.insert("assignment", **key, created_at=now())


@verb("assignment.remove")
def unassign(tx: Tx, _viewer: Viewer, staff_member_id: int, account_id: int) -> None:
    """Take a member off an account. Raises AccountNotFound, NotAllowed, NotFound."""
    tx.require(Right.MANAGE_TEAM)
    tx.see(account_id)
    tx.delete("assignment", {"account_id": account_id, "staff_member_id": staff_member_id})


@verb("staff_member.set_language")
def set_language(tx: Tx, viewer: Viewer, language: str) -> None:
    """Set one's own language to ``de`` or ``en``; anything else resets it. Raises NotAllowed."""
    if viewer.kind != "staff":
        raise NotAllowed()
    tx.update("staff_member", viewer.own_id, language=language if language in ("de", "en") else None)


def offer_first_owner() -> str | None:
    """Return the token of a new link for the first owner; None once there is an active one. Imported members do not count."""
    with writer(Viewer.system("first start", "command")) as tx:
        return None if tx.value(OWNERS) else make_link(tx, FIRST_OWNER, None)


def is_first_owner_link(token: str) -> bool:
    """Return whether the link can still be used."""
    with reader(Viewer.system("first start")) as r:
        return open_link(r, FIRST_OWNER, token) is not None and not r.value(OWNERS)


def is_set_up() -> bool:
    """Return whether there is an active owner; no link for a first one is offered or taken then."""
    with reader(Viewer.system("first start")) as r:
        return bool(r.value(OWNERS))


def nobody_may_enter() -> bool:
    """Return whether there is no active team member at all: the installation waits for its first owner."""
    with reader(Viewer.system("first start")) as r:
        return not r.value("SELECT EXISTS (FROM staff_member WHERE is_active)")


def make_first_owner(token: str, *, firm: str, name: str, email: str, password: str) -> Begun:
    """Make the first owner, and the firm unless an import brought it; use the link up and begin the sign-in.

    A member with this address, whom an import brought, becomes the owner. Raises NotFound for a link that cannot be used, ValidationFailed.
    """
    with writer(Viewer.system("first start", "form")) as tx:
        if tx.value(OWNERS) or use_link(tx, FIRST_OWNER, token) is None:
            raise NotFound("link_worthless")
        there = tx.value(FIRM)
        known = tx.value("SELECT staff_member_id FROM staff_member WHERE email = $email", email=same_address(email))
        cleaned = _all_clean(
            firm=lambda: there or clean_name(firm, "name_length"), name=lambda: clean_name(name),
            email=lambda: clean_email(email) if known else free_email(tx, clean_email(email)),
            password=lambda: clean_password(password, there or firm, name, email),
        )  # fmt: skip
        values = {"name": cleaned["name"], "email": cleaned["email"], "role": "owner", "password_hash": cleaned["password"]}
        if known:
            tx.update("staff_member", known, is_active=True, **values)
            _end_sessions(tx, known)
            void_links(tx, Viewer.staff(known))
        else:
            known = tx.insert("staff_member", created_at=now(), **values)
        if not there:
            tx.insert("firm", name=cleaned["firm"], created_at=now())
        return begin(tx, Viewer.staff(known))


def _all_clean(**each: Callable[[], str]) -> dict[str, str]:
    """Return what each function makes, by its key. Raises ValidationFailed with the problems of all of them at once."""
    cleaned: dict[str, str] = {}
    problems: dict[str, tuple[str, dict[str, object]]] = {}
    for key, clean in each.items():
        try:
            cleaned[key] = clean()
        except ValidationFailed as failed:
            problems[key] = next(iter(failed.problems.values()))
    if problems:
        raise ValidationFailed(problems)
    return cleaned


def end_sessions_of(tx: Tx, who: Viewer, keep: str | None = None) -> None:
    """End every session of a member or address, but for the one with token hash ``keep``."""
    column = "staff_member_id" if who.kind == "staff" else "contact_email_id"
    tx.execute(
        f"UPDATE session SET ended_at = $now WHERE {column} = $id AND ended_at IS NULL AND token_hash IS DISTINCT FROM $keep",  # noqa: S608 - built of names from the code
        {"now": now(), "id": who.id, "keep": keep},
    )


def _end_sessions(tx: Tx, staff_member_id: int) -> None:
    end_sessions_of(tx, Viewer.staff(staff_member_id))
    close_views(tx)
