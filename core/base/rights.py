"""Viewers, roles and rights. The words for each right are in ``core/i18n`` under ``team.right``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.base.errors import NotAllowed


class Role(StrEnum):
    """Owners may do everything; admins all but change owners and admins; employees what their rights say."""

    OWNER = "owner"
    ADMIN = "admin"
    EMPLOYEE = "employee"

    def over(self, other: Role) -> bool:
        """Return whether this role is above the other one."""
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
    """The one who asks the store: a team member, a client's contact (by address), or the system for a stated reason.

    Args:
        kind: ``staff``, ``contact`` or ``system``.
        id: ``staff_member_id`` or ``contact_email_id``; None for the system.
        through: The way a change came (``form``, ``portal``, ``command`` …), as the record names it.
        reason: Why the system acts; for the log.
        by: The team member who looks as this one: the store shows what this one sees and refuses to write.
        ask_session: Returns whose the session is at this moment, None once it ended. The store asks at every read and write, so that
            a viewer made earlier gives no power.
        is_aside: Marks the person who really sits there while they look as somebody else: for their language and the way back.
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
        """Return a team member as viewer."""
        return cls("staff", staff_member_id, through)

    @classmethod
    def of(cls, who: Viewer | int) -> Viewer:
        """Return the viewer itself, or the team member with that id."""
        return who if isinstance(who, Viewer) else cls.staff(who)

    @classmethod
    def looking_as(cls, staff_member_id: int, by: int) -> Viewer:
        """Return a team member as seen by another; ``begin_view`` decides who may."""
        return cls("staff", staff_member_id, by=by)

    @property
    def person(self) -> Viewer:
        """Return the viewer who really sits there: ``by``, or this one."""
        return self if self.by is None else Viewer("staff", self.by, ask_session=self.ask_session, is_aside=True)

    @property
    def own_id(self) -> int:
        """Return the id of the person. Raises NotAllowed for the system, which is none."""
        if self.id is None:
            raise NotAllowed()
        return self.id

    def in_session(self, ask_session: Callable[[], Viewer | None]) -> Viewer:
        """Return this viewer bound to a session: good only while ``ask_session`` answers with the same viewer."""
        return replace(self, ask_session=ask_session)

    @classmethod
    def contact(cls, contact_email_id: int) -> Viewer:
        """Return a client's contact, who signs in by this address, as viewer."""
        return cls("contact", contact_email_id, "portal")

    @classmethod
    def system(cls, reason: str, through: str = "system") -> Viewer:
        """Return the system as viewer: the one way past every rule; ``reason`` says why, for the log."""
        return cls("system", None, through, reason)


@dataclass(frozen=True)
class Scope:
    """The role and rights of a viewer at the moment the store read them."""

    kind: str
    role: Role | None
    rights: frozenset[Right]

    def allows(self, right: Right) -> bool:
        """Return whether the viewer has the right."""
        return right in self.rights
