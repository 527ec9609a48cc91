"""The identity provider's own name for each member, remembered at the first sign-in: an address can get another holder there."""

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
    """The address is the member's, but the provider names another person than at their first sign-in."""

    code = "another_person"


@dataclass(frozen=True)
class Subject:
    """The provider's own name for a person (``sub``), which unlike an address is never given to anybody else.

    Args:
        issuer: The provider.
        known_as: Our client id there: some providers name a person differently for each client.
        name: The ``sub`` claim (OpenID Connect Core 1.0, section 2).
    """

    issuer: str
    known_as: str
    name: str

    @property
    def keys(self) -> dict[str, str]:
        """Return the stored columns; the person's name at the provider is stored as a hash only."""
        return {"issuer": self.issuer, "known_as": self.known_as, "subject_hash": hash_token(self.name)}


def _is_expected(r: Reader, staff_member_id: int, subject: Subject) -> bool:
    """Return whether nothing remembered speaks against this member being this person."""
    return bool(r.value(sql("provider_person_fits"), staff_member_id=staff_member_id, **subject.keys))


def require_same_person(staff_member_id: int, subject: Subject) -> None:
    """Raise AnotherPerson, and record it, when the member came as another person before, or this person belongs to another member."""
    with reader(SYSTEM) as r:
        if _is_expected(r, staff_member_id, subject):
            return
    with writer(SYSTEM) as tx:
        tx.note("another_person", "staff_member", staff_member_id)
    raise AnotherPerson()


def remember_person(tx: Tx, staff_member_id: int, subject: Subject) -> None:
    """Remember the person in the transaction that starts the session: nobody else signs in as this member. Raises AnotherPerson."""
    if not _is_expected(tx, staff_member_id, subject):
        raise AnotherPerson()
    row = tx.get("provider_person", staff_member_id)
    if row is not None and all(row[key] == value for key, value in subject.keys.items()):
        return
    # Another provider, or another name of ours there, calls everybody anew.
    _forget(tx, staff_member_id)
    tx.insert("provider_person", staff_member_id=staff_member_id, **subject.keys, created_at=now())
    tx.note("provider_person_kept", "staff_member", staff_member_id, text=subject.issuer)


@verb("provider_person.forget")
def forget_provider_person(tx: Tx, _viewer: Viewer, staff_member_id: int) -> None:
    """Forget the person, so that the next holder of the address at the provider is the member. Raises NotAllowed, NotFound."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    if tx.get("staff_member", staff_member_id) is None or tx.get("provider_person", staff_member_id) is None:
        raise NotFound()
    _forget(tx, staff_member_id)
    tx.note("provider_person_forgotten", "staff_member", staff_member_id)


def _forget(tx: Tx, staff_member_id: int) -> None:
    tx.execute("DELETE FROM provider_person WHERE staff_member_id = $id", {"id": staff_member_id})
