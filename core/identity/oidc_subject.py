"""Who somebody is at the identity provider: remembered at the first sign-in, for an address can get another holder there."""

from __future__ import annotations

from dataclasses import dataclass

from core.access.verbs import verb
from core.base.errors import AppError, NotFound
from core.base.rights import Role, Viewer
from core.base.tokens import hash_token
from core.identity.members import require_over
from core.store import Reader, Tx, now, reader, sql, writer

SYSTEM = Viewer.system("identity provider")


class AnotherPerson(AppError):
    """The address is the member's, but the provider means somebody else than the one who came by it before."""

    code = "another_person"


@dataclass(frozen=True)
class Subject:
    """The provider's own name for a person, ``sub``: unlike an address it is never given to anybody else.

    ``known_as`` is our own name there (the client id): some providers call people otherwise for everyone who asks.
    """

    issuer: str
    known_as: str
    name: str

    @property
    def keys(self) -> dict[str, str]:
        """How it is kept: what of it is the provider's name for the person only as a hash."""
        return {"issuer": self.issuer, "known_as": self.known_as, "subject_hash": hash_token(self.name)}


def _is_expected(r: Reader | Tx, staff_member_id: int, subject: Subject) -> bool:
    return r.value(sql("provider_person_fits"), staff_member_id=staff_member_id, **subject.keys)


def require_same_person(staff_member_id: int, subject: Subject) -> None:
    """Raises AnotherPerson, and records it, when the member came as somebody else before, or this person belongs to another member."""
    with reader(SYSTEM) as r:
        if _is_expected(r, staff_member_id, subject):
            return
    with writer(SYSTEM) as tx:
        tx.note("another_person", "staff_member", staff_member_id)
    raise AnotherPerson()


def remember_person(tx: Tx, staff_member_id: int, subject: Subject) -> None:
    """With the sign-in's session: from now on only this person comes in as the member. Raises AnotherPerson."""
    if not _is_expected(tx, staff_member_id, subject):
        raise AnotherPerson()
    row = tx.get("provider_person", staff_member_id)
    if row is not None and all(row[key] == kept for key, kept in subject.keys.items()):
        return
    # Another provider, or another name of ours there, calls everybody anew.
    _forget(tx, staff_member_id)
    tx.insert("provider_person", staff_member_id=staff_member_id, **subject.keys, created_at=now())
    tx.note("provider_person_kept", "staff_member", staff_member_id, text=subject.issuer)


@verb("provider_person.forget")
def forget_provider_person(tx: Tx, viewer: Viewer, staff_member_id: int) -> None:
    """Whoever has the address at the provider next is the member: owners of everybody else, admins of employees."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    if tx.get("staff_member", staff_member_id) is None or tx.get("provider_person", staff_member_id) is None:
        raise NotFound()
    _forget(tx, staff_member_id)
    tx.note("provider_person_forgotten", "staff_member", staff_member_id)


def _forget(tx: Tx, staff_member_id: int) -> None:
    tx.execute("DELETE FROM provider_person WHERE staff_member_id = $id", {"id": staff_member_id})
