"""The team page's verbs: invited once, changed by who stands above, sent away with what stays said; why somebody sees a client."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.access.explanation import who_sees
from core.access.preview import consequences
from core.access.verbs import rights_of
from core.base.errors import AppError, EditConflict, NotAllowed, NotFound, SignedOut, ValidationFailed
from core.base.rights import Right, Role, Viewer
from core.base.tokens import hash_token
from core.clients.account_record import Change, change_many
from core.clients.contact_emails import add_email
from core.identity.members import add_member, assign, deactivate, set_rights
from core.identity.sessions import start_session, viewer_of
from core.identity.sign_in import check_password
from core.identity.team import (
    edit_member,
    invite_member,
    invite_member_again,
    may_see_team,
    parting,
    reactivate,
    team_member,
    team_members,
    withdraw_invitation,
)
from core.identity.team_invitation import accept_team_invitation, open_team_invitation
from core.store import now, reader, writer

SYSTEM, WORDS = Viewer.system("tests"), "vier-bunte-laternen"
NEW = {"name": "Nora Neu", "email": "Nora@Kanzlei.example"}


@pytest.fixture
def team(firm):
    """The small firm with an admin, a second owner, and Nora, who was invited; ``token`` is her link's."""
    firm.admin = add_member(SYSTEM, name="Ada Admin", email="ada@kanzlei.example", role="admin")
    firm.owner2 = add_member(SYSTEM, name="Oda Zweite", email="oda@kanzlei.example", role="owner")
    firm.nora, firm.token = invite_member(firm.viewer("owner"), **NEW, rights=frozenset({"see_invoices"}))
    return firm


def told(*call, **named) -> dict[str, dict]:
    return {one.code: one.values for one in consequences(*call, **named)}


def as_saved(firm, who: str, **changes) -> dict:
    member = team_member(firm.viewer("owner"), getattr(firm, who))
    present = {"name": member.name, "email": member.email, "role": str(member.role), "rights": frozenset(member.rights)}
    return present | changes


def test_an_invitation_is_used_once_and_its_token_is_nowhere(team, settings):
    nora = team_member(team.viewer("owner"), team.nora)
    assert (nora.state, nora.email, nora.rights) == ("invited", "nora@kanzlei.example", {Right.SEE_INVOICES})
    with writer(SYSTEM) as tx:
        assert team.token not in str(tx.rows("SELECT * FROM one_time_link") + tx.rows("SELECT * FROM audit_entry"))
    with pytest.raises(ValidationFailed):
        accept_team_invitation(team.token, "kurz")
    viewer = accept_team_invitation(team.token, WORDS).viewer
    assert viewer == Viewer.staff(team.nora) and rights_of(viewer) == {Right.SEE_INVOICES}
    with pytest.raises(NotFound, match="team_invitation_worthless"):
        accept_team_invitation(team.token, WORDS)
    assert check_password("nora@kanzlei.example", WORDS, "10.0.0.1") == team.nora
    assert viewer_of(hash_token(start_session(viewer, "127.0.0.1", "test")), settings) == viewer
    nora = team_member(team.viewer("owner"), team.nora)
    assert nora.state == "active" and now() - nora.last_signed_in_at < timedelta(minutes=1)


@pytest.mark.parametrize("how", ["expired", "invited again", "withdrawn", "deactivated", "back again", "address changed", "made up"])
def test_a_worthless_link_tells_nothing(team, how):
    token, owner = team.token, team.viewer("owner")
    if how == "expired":
        with writer(SYSTEM) as tx:
            tx.execute("UPDATE one_time_link SET expires_at = $at", {"at": now()})
    elif how == "invited again":
        assert open_team_invitation(invite_member_again(owner, team.nora)).email == "nora@kanzlei.example"
    elif how == "withdrawn":
        withdraw_invitation(owner, team.nora)
    elif how == "deactivated":
        deactivate(owner, team.nora)
    elif how == "back again":
        deactivate(owner, team.nora)
        reactivate(owner, team.nora)
    elif how == "address changed":
        edit_member(owner, team.nora, None, **as_saved(team, "nora", email="anders@kanzlei.example"))
    else:
        token = "\ud800ü" * 1000
    assert open_team_invitation(token) is None
    with pytest.raises(NotFound) as refused:
        accept_team_invitation(token, WORDS)
    assert (refused.value.code, refused.value.values) == ("team_invitation_worthless", {})


def test_addresses_of_the_team_and_of_clients_keep_apart(team):
    for taken in ("MARIA@mueller.example", "nora@kanzlei.example"):
        with pytest.raises(ValidationFailed) as refused:
            invite_member(team.viewer("owner"), name="X", email=taken)
        assert list(refused.value.problems) == ["email"]
        with pytest.raises(ValidationFailed):
            edit_member(team.viewer("owner"), team.assigned, None, **as_saved(team, "assigned", email=taken))
    with pytest.raises(AppError):
        add_email(team.account(), team.contact, "nora@kanzlei.example")
    edit_member(team.viewer("owner"), team.nora, None, **as_saved(team, "nora", name="Nora Anders"))


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"name": "\u202e\x00", "email": "a@b@c"}, {"name", "email"}),
        ({"name": "x" * 201}, {"name"}),
        ({"email": "javascript:alert(1)"}, {"email"}),
        ({"role": "chef"}, {"role"}),
        ({"rights": frozenset({"analyse", "'; DROP TABLE staff_right; --"})}, {"rights"}),
    ],
)
def test_mistakes_are_said_at_their_fields_and_nothing_is_kept(team, values, fields):
    with pytest.raises(ValidationFailed) as refused:
        invite_member(team.viewer("owner"), **{"name": "Neu", "email": "neu@kanzlei.example"} | values)
    assert set(refused.value.problems) == fields
    with reader(SYSTEM) as r:
        assert r.value("SELECT count(*) FROM staff_member WHERE email = 'neu@kanzlei.example'") == 0
    name = "<b>Rosa</b> {{7*7}} =1+1 ' OR 1=1"
    member, _ = invite_member(team.viewer("owner"), name=name, email="rosa@kanzlei.example")
    assert team_member(team.viewer("owner"), member).name == name


def test_nobody_raises_themselves_and_admins_keep_off_owners_and_admins(team):
    for who, whom, changes in (
        ("owner", "owner", {}),
        ("admin", "admin", {"role": "owner"}),
        ("admin", "owner", {"role": "employee"}),
        ("admin", "assigned", {"role": "admin"}),
        ("everything", "assigned", {}),
        ("everything", "everything", {"role": "admin"}),
    ):
        with pytest.raises(NotAllowed):
            edit_member(team.viewer(who), getattr(team, whom), None, **as_saved(team, whom, **changes))
    with pytest.raises(NotAllowed):
        invite_member(team.viewer("admin"), name="X", email="x@kanzlei.example", role="admin")
    edit_member(team.viewer("admin"), team.assigned, None, **as_saved(team, "assigned", rights=frozenset({"analyse"})))
    assert rights_of(team.viewer("assigned")) == {Right.ANALYSE}


def test_the_last_owner_is_neither_lowered_nor_sent_away(team):
    deactivate(team.viewer("owner2"), team.owner)
    with pytest.raises(SignedOut):
        deactivate(team.viewer("owner"), team.owner2)
    for attempt in (
        lambda: edit_member(SYSTEM, team.owner2, None, **as_saved_by_system(team.owner2, role="employee")),
        lambda: withdraw_invitation(SYSTEM, team.owner2),
        lambda: deactivate(SYSTEM, team.owner2),
    ):
        with pytest.raises(AppError, match="last_owner"):
            attempt()


def as_saved_by_system(staff_member_id: int, **changes) -> dict:
    with writer(SYSTEM) as tx:
        row = tx.get("staff_member", staff_member_id)
    return {"name": row["name"], "email": row["email"], "role": row["role"], "rights": frozenset()} | changes


def test_the_second_editor_is_told(team):
    version = team_member(team.viewer("owner"), team.assigned).version
    edit_member(team.viewer("owner2"), team.assigned, version, **as_saved(team, "assigned", rights=frozenset({"analyse"})))
    with pytest.raises(EditConflict):
        edit_member(team.viewer("owner"), team.assigned, version, **as_saved(team, "assigned", name="Anna Anders"))
    set_rights(team.viewer("owner"), team.assigned, {"analyse", "see_rates"})
    assert team_member(team.viewer("owner"), team.assigned).version == version + 2


def test_what_a_change_does_to_sight_is_said_before_it_is_done(team):
    owner = team.viewer("owner")
    more = told(edit_member, owner, team.assigned, None, **as_saved(team, "assigned", rights=frozenset({"view_all_accounts"})))
    assert more == {"member_sees_more": {"who": "Anna Zugeordnet", "n": 2, "left": "3"}}
    raised = told(edit_member, owner, team.assigned, None, **as_saved(team, "assigned", role="admin"))
    assert set(raised) == {"member_sees_more"}
    gone = told(deactivate, owner, team.everything)
    assert gone == {"member_sees_less": {"who": "Emil Alles", "n": 3, "left": "0"}}
    assert told(edit_member, owner, team.assigned, None, **as_saved(team, "assigned", name="Anna Anders")) == {}
    taken = told(change_many, owner, [team.own], Change(remove_team=(team.assigned,)))
    assert taken == {"sight_lost": {"who": "Anna Zugeordnet", "n": 1}}
    assert team_member(owner, team.assigned).role is Role.EMPLOYEE and team_member(owner, team.everything).state != "deactivated"


def test_what_stays_behind_is_counted(team):
    with writer(SYSTEM) as tx:
        for status, others in (("planned", ()), ("waiting", (team.everything,)), ("completed", ())):
            task = tx.insert("task", account_id=team.own, title="x", status=status, created_at=now())
            for member in (team.assigned, *others):
                tx.insert("task_assignee", account_id=team.own, task_id=task, staff_member_id=member)
    assign(team.viewer("owner"), team.assigned, team.foreign)
    assign(team.viewer("owner"), team.unassigned, team.foreign)
    assert parting(team.viewer("owner"), team.assigned) == {"clients": 2, "clients_alone": 1, "tasks": 2, "tasks_alone": 1}
    deactivate(team.viewer("owner"), team.unassigned)
    assert parting(team.viewer("owner"), team.assigned)["clients_alone"] == 2


def test_the_list_is_for_those_who_have_something_to_do_there(team):
    assert [may_see_team(team.viewer(who)) for who in ("owner", "admin", "everything", "assigned", "portal")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    for who in ("assigned", "portal"):
        with pytest.raises(NotAllowed):
            team_members(team.viewer(who))
        with pytest.raises(NotAllowed):
            parting(team.viewer(who), team.owner)
    deactivate(team.viewer("owner"), team.unassigned)
    everybody = {member.name: member for member in team_members(team.viewer("owner"))}
    assert "Udo Niemand" not in everybody and everybody["Anna Zugeordnet"].assigned == 1
    assert [member.name for member in team_members(team.viewer("owner"), "niemand udo", gone=True)] == ["Udo Niemand"]
    assert [member.name for member in team_members(team.viewer("admin"), "NORA@")] == ["Nora Neu"]
    assert {member.name for member in team_members(team.viewer("admin")) if member.is_manageable} == {
        "Anna Zugeordnet",
        "Emil Alles",
        "Nora Neu",
    }
    assert not any(member.is_manageable for member in team_members(team.viewer("everything")))


def test_who_manages_the_team_counts_only_what_they_see(team):
    set_rights(SYSTEM, team.unassigned, {"manage_team"})
    assert team_member(team.viewer("unassigned"), team.assigned).assigned == 0
    assert parting(team.viewer("unassigned"), team.assigned)["clients"] == 0


def test_why_somebody_sees_a_client(team):
    assign(team.viewer("owner"), team.unassigned, team.own)
    found = {one.name: one for one in who_sees(team.account("own", "owner"))}
    assert {name: one.through for name, one in found.items()} == {
        "Olga Owner": "role", "Oda Zweite": "role", "Ada Admin": "role", "Emil Alles": "right", "Anna Zugeordnet": "assigned",
        "Udo Niemand": "assigned",
    }  # fmt: skip
    assert (found["Udo Niemand"].by, found["Udo Niemand"].way) == ("Olga Owner", "form")
    assert (found["Anna Zugeordnet"].by, found["Anna Zugeordnet"].way) == (None, "system")
    assert found["Olga Owner"].since is None
    assert [one.name for one in who_sees(team.account("own", "assigned"))] == ["Anna Zugeordnet"]
    with pytest.raises(NotAllowed):
        who_sees(team.account("own", "portal"))


def test_everybody_named_sees_and_nobody_else_does(team):
    for account_id in (team.own, team.foreign, team.empty):
        account = team.account("own", "owner")
        named = {
            one.staff_member_id for one in who_sees(type(account)(team.viewer("owner"), account_id, "1", "x", "person", "active", None, 1))
        }
        with reader(SYSTEM) as r:
            staff = [row["staff_member_id"] for row in r.rows("SELECT staff_member_id FROM staff_member")]
        for member in staff:
            with reader(Viewer.staff(member)) as r:
                assert r.sees(account_id) == (member in named)


def test_a_role_the_browser_has_not_sent_yet_is_what_it_was(firm):
    def page(owner):
        import streamlit as st

        from core.base.rights import Right, Viewer
        from core.ui.state.open_form import OpenForm
        from core.ui.team import member_forms

        st.session_state["form-1-in-role"] = None
        draft = {"name": "", "email": "", "role": "employee"} | {f"right:{one}": False for one in Right}
        st.text(member_forms._inputs(Viewer.staff(owner), OpenForm("member", key_epoch=1), draft)["role"])

    at = AppTest.from_function(page, args=(firm.owner,), default_timeout=60).run()
    assert [text.value for text in at.text] == ["employee"] and not at.exception
