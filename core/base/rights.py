"""Who is looking, and the rights there are; what each gives stands in ``core/i18n`` under ``rights``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Role(StrEnum):
    """Owner: everything. Admin: everything but roles of owners and admins. Employee: what the rights say."""

    OWNER = "owner"
    ADMIN = "admin"
    EMPLOYEE = "employee"

    def over(self, other: Role) -> bool:
        """Whether people of this role stand above people of the other one."""
        order = (Role.EMPLOYEE, Role.ADMIN, Role.OWNER)
        return order.index(self) > order.index(other)


class Right(StrEnum):
    """What an employee may do beyond seeing the accounts assigned to them."""

    VIEW_ALL_ACCOUNTS = "view_all_accounts"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_CUSTOM_FIELDS = "manage_custom_fields"
    MANAGE_TAGS = "manage_tags"
    MANAGE_TEAM = "manage_team"
    SEE_INVOICES = "see_invoices"
    SEE_ALL_TIME = "see_all_time"
    SEE_RATES = "see_rates"
    IMPORT_DATA = "import_data"
    EXPORT_DATA = "export_data"
    VIEW_AUDIT = "view_audit"
    ANALYSE = "analyse"


@dataclass(frozen=True)
class Viewer:
    """Who asks the store: a team member, a client's contact (by address), or the system for a stated reason.

    With ``by`` somebody else looks as this team member: the store shows what the member sees and writes nothing.

    A viewer that a session stands behind carries ``ask_session``, which tells whose that session is at this moment (None once it
    ended). The store asks it at every read and write, so an object that was made earlier gives no power. ``is_aside`` marks the
    person who really sits there while they look as somebody else: for their language and the way back.
    """

    kind: str
    id: int | None
    through: str = "form"
    reason: str = ""
    by: int | None = None
    ask_session: Callable[[], Viewer | None] | None = field(default=None, compare=False, repr=False)
    is_aside: bool = field(default=False, compare=False, repr=False)

    @classmethod
    def staff(cls, staff_member_id: int, through: str = "form") -> Viewer:
        return cls("staff", staff_member_id, through)

    @classmethod
    def of(cls, who: Viewer | int) -> Viewer:
        """The viewer itself, or the team member of that id."""
        return who if isinstance(who, Viewer) else cls.staff(who)

    @classmethod
    def looking_as(cls, staff_member_id: int, by: int) -> Viewer:
        """The member as somebody above them sees the app for them; ``begin_view`` says who may."""
        return cls("staff", staff_member_id, by=by)

    @property
    def person(self) -> Viewer:
        """Who really sits there."""
        return self if self.by is None else Viewer("staff", self.by, ask_session=self.ask_session, is_aside=True)

    def in_session(self, ask_session: Callable[[], Viewer | None]) -> Viewer:
        """Return this viewer bound to a session: good only while ``ask_session`` answers with the same viewer."""
        return replace(self, ask_session=ask_session)

    @classmethod
    def contact(cls, contact_email_id: int) -> Viewer:
        return cls("contact", contact_email_id, "portal")

    @classmethod
    def system(cls, reason: str, through: str = "system") -> Viewer:
        """The one way past every rule; ``reason`` says why, and stands in the log."""
        return cls("system", None, through, reason)


@dataclass(frozen=True)
class Scope:
    """What a viewer may at this moment, as the store read it."""

    kind: str
    role: Role | None
    rights: frozenset[Right]

    def allows(self, right: Right) -> bool:
        return right in self.rights
