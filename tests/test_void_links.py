"""Whatever lets a person in, once changed, makes every link and half-finished sign-in of theirs void: each with each."""

from __future__ import annotations

import time

import pyotp
import pytest

from core.access.contact_access import open_invitation, set_access
from core.access.one_time_links import INVITATION, RESET, make_link
from core.base.config import Settings
from core.base.errors import AppError, NotFound
from core.base.rights import Viewer
from core.identity import throttle
from core.identity.begun_sign_in import SignInVoid, begin_now
from core.identity.contact_portal import accept_invitation
from core.identity.members import deactivate, set_language, set_password, set_role
from core.identity.password_change import open_reset, reset_password
from core.identity.second_factor import check_code, factor_made_at, new_secret, reset_second_factor, set_second_factor
from core.identity.sessions import start_session
from core.identity.sign_in import begin_by_address, begin_sign_in, record_ends
from core.identity.sign_in_tickets import FOR_STEP, mint, redeem
from core.identity.team import reactivate
from core.identity.team_invitation import accept_team_invitation, invite, open_team_invitation
from core.store import engine, now, reader, writer
from core.store.long_transaction import open_early_writer
from core.store.standing import DECIDING
from tests.size import some
from tests.small_firm import Firm, build_firm

SYSTEM = Viewer.system("tests")
OLD, NEW = "eine-laterne-im-regen", "zwei-laternen-im-schnee"


def build_people(_: Settings) -> Firm:
    """The small firm; the assigned member and the contact have a password, the contact enters two accounts."""
    firm = build_firm()
    set_password(SYSTEM, firm.assigned, OLD)
    with writer(SYSTEM) as tx:
        stored = tx.get("staff_member", firm.assigned)["password_hash"]
        tx.update("contact_email", firm.address, password_hash=stored)
    set_access(firm.account("foreign"), *_linked(firm), login=True)
    return firm


@pytest.fixture
def firm(holding) -> Firm:
    return holding(build_people)


@pytest.fixture(autouse=True)
def people(firm):
    throttle._counts.clear()
    yield firm
    throttle._counts.clear()


def _linked(firm) -> tuple[int]:
    """The contact's address, linked to a second account, so that no change below takes the last link away."""
    with writer(SYSTEM) as tx:
        tx.insert("account_contact", account_id=firm.foreign, contact_id=firm.contact, created_at=now())
    return (firm.address,)


def person(firm, kind: str) -> Viewer:
    return Viewer.staff(firm.assigned) if kind == "member" else Viewer.contact(firm.address)


def address_of(firm, kind: str) -> str:
    return "assigned@kanzlei.example" if kind == "member" else "maria@mueller.example"


# Each half of a way in: begun here, it returns what finishes it, which raises where it is void.
def reset_link(firm, kind):
    with writer(SYSTEM) as tx:
        token = make_link(tx, RESET, person(firm, kind))
    assert open_reset(token)
    return lambda: reset_password(token, NEW)


def invitation(firm, kind):
    with writer(SYSTEM) as tx:
        token = invite(tx, firm.assigned) if kind == "member" else make_link(tx, INVITATION, person(firm, kind))
    assert (open_team_invitation if kind == "member" else open_invitation)(token)
    return lambda: (accept_team_invitation if kind == "member" else accept_invitation)(token, NEW)


def ticket(firm, kind):
    token = mint(person(firm, kind), "/")

    def enter():
        found = redeem(token)
        start_session(found.viewer, "10.0.0.1", "x", begun=found.begun)

    return enter


def password_typed(firm, kind):
    """The password was right; the code, or the door, is still to come."""
    begun = begin_sign_in(address_of(firm, kind), OLD, "10.0.0.1")
    return lambda: start_session(begun.viewer, "10.0.0.1", "x", begun=begun)


def waiting_at_the_code(firm, kind):
    if kind == "contact":
        return password_typed(firm, kind)
    secret, me = new_secret(), person(firm, kind)
    set_second_factor(me, secret, pyotp.TOTP(secret).at(time.time() - 30))
    begun = begin_sign_in(address_of(firm, kind), OLD, "10.0.0.1")

    def type_the_code():
        assert check_code(me, pyotp.TOTP(secret).now(), None, begun)
        start_session(me, "10.0.0.1", "x", begun=begun)

    return type_the_code


def setting_a_factor_up(firm, kind):
    if kind == "contact":
        return ticket(firm, kind)
    begun, secret = begin_sign_in(address_of(firm, kind), OLD, "10.0.0.1"), new_secret()
    before = factor_made_at(begun.viewer)
    return lambda: set_second_factor(begun.viewer, secret, pyotp.TOTP(secret).now(), replaces=before, begun=begun)


def step_from_the_provider(firm, kind):
    if kind == "contact":
        return ticket(firm, kind)
    token = mint(begin_by_address(address_of(firm, kind), record_ends()), "/", FOR_STEP)

    def enter():
        found = redeem(token, FOR_STEP)
        start_session(found.viewer, "10.0.0.1", "x", begun=found.begun)

    return enter


def at_the_provider(firm, kind):
    if kind == "contact":
        return ticket(firm, kind)
    since = record_ends()

    def come_back():
        begun = begin_by_address(address_of(firm, kind), since)
        if begun is None:
            raise NotFound()
        start_session(begun.viewer, "10.0.0.1", "x", begun=begun)

    return come_back


HALVES = (reset_link, invitation, ticket, password_typed, waiting_at_the_code, setting_a_factor_up, step_from_the_provider, at_the_provider)


def _update(firm, kind, **values):
    with writer(SYSTEM) as tx:
        tx.update("staff_member" if kind == "member" else "contact_email", person(firm, kind).id, **values)


def _imported(tx, firm, kind, value: str) -> None:
    """As an import writes: one statement that names no row, and its entries in the record."""
    column, value = value.split(" = ")
    table = "email_access" if column == "login" else "staff_member" if kind == "member" else "contact_email"
    key = "staff_member_id" if kind == "member" else "contact_email_id"
    tx.execute(f"UPDATE {table} SET {column} = {value} WHERE {key} = {person(firm, kind).id}")
    tx._record("changed", table, {key: person(firm, kind).id}, column, None, None)


def _at_once(firm, kind, value):
    with writer(SYSTEM) as tx:
        _imported(tx, firm, kind, value)


def _early(firm, kind, value):
    """As a large import writes: beside others, until it is its turn."""
    with open_early_writer(engine(), SYSTEM) as (tx, turn):
        turn()
        _imported(tx, firm, kind, value)


# How the standing changes: after each of them the person stands as before, or otherwise; what is half done is void in both.
def new_address(firm, kind):
    _update(firm, kind, email="neu@anderswo.example")


def address_there_and_back(firm, kind):
    new_address(firm, kind)
    _update(firm, kind, email=address_of(firm, kind))


def address_by_import(firm, kind):
    for _ in range(2):
        _at_once(firm, kind, "email = reverse(email)")


def address_by_large_import(firm, kind):
    for _ in range(2):
        _early(firm, kind, "email = reverse(email)")


def password(firm, kind):
    if kind == "member":
        set_password(Viewer.system("tests", "command"), firm.assigned, NEW)
    else:
        reset_link(firm, kind)()


def off_and_on(firm, kind):
    if kind == "member":
        deactivate_member_and_back(firm)
        return
    for account in ("own", "foreign"):
        for login in (False, True):
            set_access(firm.account(account), firm.address, login=login)


def deactivate_member_and_back(firm):
    deactivate(SYSTEM, firm.assigned)
    reactivate(SYSTEM, firm.assigned)


def one_login_off_and_on(firm, kind):
    if kind == "member":
        deactivate_member_and_back(firm)
        return
    for login in (False, True):
        set_access(firm.account("foreign"), firm.address, login=login)


def state_by_import(firm, kind):
    for value in ("FALSE", "TRUE"):
        _at_once(firm, kind, f"{'is_active' if kind == 'member' else 'login'} = {value}")


def factor(firm, kind):
    if kind == "contact":
        new_address(firm, kind)
        return
    secret = new_secret()
    set_second_factor(person(firm, kind), secret, pyotp.TOTP(secret).at(time.time() - 30))
    reset_second_factor(Viewer.staff(firm.owner), firm.assigned)


def archived_and_back(firm, kind):
    if kind == "member":
        deactivate_member_and_back(firm)
        return
    for moment in (now(), None):
        with writer(SYSTEM) as tx:
            tx.update("account", firm.own, archived_at=moment)


CHANGES = (
    new_address, address_there_and_back, address_by_import, address_by_large_import, password, off_and_on, one_login_off_and_on,
    state_by_import, factor, archived_and_back,
)  # fmt: skip


@pytest.mark.parametrize("kind", ["member", "contact"])
@pytest.mark.parametrize("half", HALVES, ids=lambda one: one.__name__)
def test_half_a_way_in_leads_in_while_nothing_changes(firm, half, kind):
    finish = half(firm, kind)
    me = person(firm, kind)
    if kind == "member":
        set_role(SYSTEM, me.id, "admin")
        set_language(me, "en")
    else:
        set_access(firm.account("own"), me.id, notify=True)
    finish()


@pytest.mark.parametrize("kind", ["member", "contact"])
@pytest.mark.parametrize(
    ("half", "change"), some([(half, change) for half in HALVES for change in CHANGES], 3), ids=lambda one: one.__name__
)
def test_half_a_way_in_is_void_once_the_standing_changed(firm, half, change, kind):
    finish = half(firm, kind)
    change(firm, kind)
    with pytest.raises(AppError) as refused:
        finish()
    assert isinstance(refused.value, NotFound | SignInVoid), refused.value


@pytest.mark.parametrize("kind", ["member", "contact"])
@pytest.mark.parametrize("half", [reset_link, invitation, password_typed])
def test_half_a_way_in_from_a_time_that_has_not_come_is_void(firm, half, kind):
    """A clock that was two hours ahead when it was made would keep it open for two hours longer than it should be."""
    finish = half(firm, kind)
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE one_time_link SET created_at = created_at + INTERVAL 2 HOUR, expires_at = expires_at + INTERVAL 2 HOUR")
    with pytest.raises(AppError):
        finish()


def test_a_link_made_beside_a_large_import_is_void_too(firm):
    with open_early_writer(engine(), SYSTEM) as (tx, turn):
        begun = begin_now(person(firm, "member"))
        turn()
        tx.execute(f"UPDATE staff_member SET email = 'neu@anderswo.example' WHERE staff_member_id = {firm.assigned}")
    with pytest.raises(SignInVoid):
        start_session(begun.viewer, "10.0.0.1", "x", begun=begun)


def test_a_factor_set_meanwhile_stays(firm):
    """Two set-ups side by side: the later end loses."""
    me, first, second = person(firm, "member"), new_secret(), new_secret()
    before = factor_made_at(me)
    set_second_factor(me, first, pyotp.TOTP(first).at(time.time() - 30), replaces=before)
    with pytest.raises(AppError, match="factor_changed"):
        set_second_factor(me, second, pyotp.TOTP(second).now(), replaces=before)
    assert check_code(me, pyotp.TOTP(first).now())


def test_what_decides_is_named_as_the_tables_name_it(firm):
    with reader(SYSTEM) as r:
        for table, columns in DECIDING.items():
            found = r.rows("SELECT column_name FROM duckdb_columns() WHERE database_name = 'kundenblick' AND table_name = $t", t=table)
            assert columns <= {row["column_name"] for row in found}, table
