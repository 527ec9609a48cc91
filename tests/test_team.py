"""Who decides about whom: owners about everybody, admins about employees, nobody about themselves."""

from __future__ import annotations

import pytest

from core.access.verbs import rights_of
from core.base.errors import AppError, NotAllowed, NotFound, SignedOut, ValidationFailed
from core.base.rights import Right, Viewer
from core.identity.members import add_member, assign, deactivate, set_password, set_rights, set_role, unassign
from core.store import reader, writer
from tests.small_firm import build_firm

SYSTEM = Viewer.system("tests")
WORDS = "eine-laterne-im-regen"


def build_team(_):
    """The small firm with an admin, a second admin and a second owner."""
    firm = build_firm()
    for name, role in (("admin", "admin"), ("admin2", "admin"), ("owner2", "owner")):
        setattr(firm, name, add_member(SYSTEM, name=name, email=f"{name}@kanzlei.example", role=role))
    return firm


@pytest.fixture
def team(holding):
    return holding(build_team)


def role_of(member: int) -> tuple[str, bool]:
    with reader(SYSTEM) as r:
        row = r.row("SELECT role, is_active FROM staff_member WHERE staff_member_id = $id", id=member)
    return row["role"], row["is_active"]


@pytest.mark.parametrize(
    ("who", "whom", "role", "may"),
    [
        ("owner", "assigned", "admin", True),
        ("owner", "assigned", "owner", True),
        ("owner", "owner2", "employee", True),
        ("owner", "owner", "employee", False),
        ("admin", "assigned", "employee", True),
        ("admin", "assigned", "admin", False),
        ("admin", "admin2", "employee", False),
        ("admin", "owner", "employee", False),
        ("admin", "admin", "owner", False),
        ("everything", "assigned", "admin", False),
        ("everything", "everything", "owner", False),
        ("portal", "assigned", "admin", False),
    ],
)
def test_roles(team, who, whom, role, may):
    before = role_of(getattr(team, whom))
    if may:
        set_role(team.viewer(who), getattr(team, whom), role)
        assert role_of(getattr(team, whom)) == (role, True)
    else:
        with pytest.raises(NotAllowed):
            set_role(team.viewer(who), getattr(team, whom), role)
        assert role_of(getattr(team, whom)) == before


@pytest.mark.parametrize("whom", ["owner", "owner2", "admin2"])
def test_an_admin_touches_neither_owners_nor_admins(team, whom):
    target = getattr(team, whom)
    for attempt in (
        lambda: set_password(team.viewer("admin"), target, WORDS),
        lambda: set_rights(team.viewer("admin"), target, set()),
        lambda: deactivate(team.viewer("admin"), target),
        lambda: add_member(team.viewer("admin"), name="x", email="x@kanzlei.example", role="admin"),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_the_last_owner_stays_even_for_the_command_line(team):
    deactivate(SYSTEM, team.owner2)
    for attempt in (lambda: deactivate(SYSTEM, team.owner), lambda: set_role(SYSTEM, team.owner, "admin")):
        with pytest.raises(AppError, match="last_owner"):
            attempt()
    assert role_of(team.owner) == ("owner", True)


def test_rights_act_at_once_and_leave_a_record(team):
    udo = team.viewer("unassigned")
    assert rights_of(udo) == frozenset()
    set_rights(team.viewer("owner"), team.unassigned, {"see_invoices", "analyse"})
    assert rights_of(udo) == {Right.SEE_INVOICES, Right.ANALYSE}
    set_rights(team.viewer("owner"), team.unassigned, {"analyse"})
    assert rights_of(udo) == {Right.ANALYSE}
    with writer(SYSTEM) as tx:
        entries = tx.rows("SELECT action, actor_id FROM audit_entry WHERE entity = 'staff_right' AND actor_id = $id", id=team.owner)
    assert [entry["action"] for entry in entries].count("created") == 2
    deactivate(team.viewer("owner"), team.unassigned)
    with pytest.raises(SignedOut):
        rights_of(udo)


def test_assignments_open_and_close_an_account(team):
    udo = team.viewer("unassigned")

    def sees() -> bool:
        with reader(udo) as r:
            return r.sees(team.own)

    assert not sees()
    assign(team.viewer("everything"), team.unassigned, team.own)
    assign(team.viewer("everything"), team.unassigned, team.own)
    assert sees()
    unassign(team.viewer("everything"), team.unassigned, team.own)
    assert not sees()
    with pytest.raises(NotFound):
        assign(team.viewer("everything"), 999_999, team.own)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "OWNER@Kanzlei.example"}, "email"),
        ({"email": "Maria@Mueller.example"}, "email"),
        ({"email": "keine-adresse"}, "email"),
        ({"email": "a@b@c.example"}, "email"),
        ({"name": " \u202e "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"role": "chef"}, "role"),
        ({"password": "kurz"}, "password"),
    ],
)
def test_a_new_member_is_checked(firm, values, field):
    with pytest.raises(ValidationFailed) as refused:
        add_member(SYSTEM, **({"name": "Neu", "email": "neu@kanzlei.example"} | values))
    assert list(refused.value.problems) == [field]


def test_an_unknown_right_is_refused_whole(firm):
    with pytest.raises(ValidationFailed):
        set_rights(SYSTEM, firm.unassigned, {"analyse", "fly"})
    assert rights_of(firm.viewer("unassigned")) == frozenset()


def test_no_password_is_stored_or_recorded_in_the_clear(firm):
    set_password(SYSTEM, firm.owner, WORDS)
    with writer(SYSTEM) as tx:
        stored = tx.get("staff_member", firm.owner)["password_hash"]
        record = str(tx.rows("SELECT * FROM audit_entry"))
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,")
    assert WORDS not in record and stored not in record
