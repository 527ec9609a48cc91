"""Signing in: passwords, waiting, equal times, the first owner, sessions."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from core.access.contact_access import open_invitation
from core.base.errors import AppError, NotAllowed, ValidationFailed
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.identity import members, throttle
from core.identity.begun_sign_in import Begun
from core.identity.firm import name_firm
from core.identity.members import make_first_owner, offer_first_owner, set_password
from core.identity.passwords import is_common
from core.identity.sessions import end_session, start_session, viewer_of
from core.identity.sign_in import check_password
from core.identity.sign_in_tickets import mint, redeem
from core.identity.team_invitation import open_team_invitation
from core.identity.throttle import TooManyTries
from core.store import now, reader, writer

SYSTEM = Viewer.system("tests")
WORDS = "eine-laterne-im-regen"


@pytest.fixture(autouse=True)
def fresh_counts():
    throttle._counts.clear()


@pytest.fixture
def with_password(firm):
    set_password(SYSTEM, firm.owner, WORDS)
    return firm


def test_right_and_wrong(with_password):
    assert check_password("owner@kanzlei.example", WORDS, "127.0.0.1") == with_password.owner
    assert check_password(" OWNER@kanzlei.example ", WORDS, "127.0.0.1") == with_password.owner
    assert check_password("owner@kanzlei.example", WORDS + "x", "127.0.0.1") is None
    assert check_password("assigned@kanzlei.example", "", "127.0.0.1") is None


def test_four_byte_characters(with_password):
    set_password(SYSTEM, with_password.owner, "😀🐈🌍" * 85 + "x")
    assert check_password("owner@kanzlei.example", "😀🐈🌍" * 85 + "x", "127.0.0.1") == with_password.owner
    assert check_password("owner@kanzlei.example", "😀🐈🌍" * 85 + "y", "127.0.0.1") is None


@pytest.mark.parametrize(
    "password",
    [
        "Passwort2026!", "p@ssw0rd1234", "Sommer2026!!", "hallohallohallo", "qwertzuiopü1", "9876543210987", "abcabcabcabc",
        "Willkommen123", "1qaz2wsx3edc", "kundenblick12", "!!Testkanzlei1", "owner@kanzlei.example", "Olga-Owner-2026", "abcdefghijklm",
    ],
)  # fmt: skip
def test_passwords_anybody_would_try_first_are_common(password):
    assert is_common(password, "Testkanzlei", "Olga Owner", "owner@kanzlei.example")


@pytest.mark.parametrize("password", [WORDS, "vier-zufaellige-worte", "Laterne, Regen & Dachs", "x7#mQ2!pLw9z", "correct horse battery"])
def test_others_are_not(password):
    assert not is_common(password, "Testkanzlei", "Olga Owner", "owner@kanzlei.example")


def test_a_password_made_to_be_slow_to_judge_is_not():
    began = time.perf_counter()
    for nasty in ("4@8({[<369&#!1/|0$5+7%2" * 11, "ab" * 128, "a" * 255 + "b", "qwertzuiop" * 25):
        is_common(nasty, "x" * 1000)
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("password", ["", "kurz", "x" * 257, "Passwort1234", "aaaaaaaaaaaaaa"])
def test_bad_passwords(firm, password):
    with pytest.raises(ValidationFailed):
        set_password(SYSTEM, firm.owner, password)


def test_ten_wrong_ones_slow_the_name_and_the_network_address_down(with_password):
    for _ in range(10):
        check_password("owner@kanzlei.example", "falsch", "10.0.0.1")
    for name, address in (("owner@kanzlei.example", "10.0.0.2"), ("everything@kanzlei.example", "10.0.0.1")):
        with pytest.raises(TooManyTries):
            check_password(name, WORDS, address)
    throttle._counts.update({key: (count, last - 3) for key, (count, last) in throttle._counts.items()})
    assert check_password("owner@kanzlei.example", WORDS, "10.0.0.1") == with_password.owner


def test_the_first_owner_link_works_once(store):
    token = offer_first_owner()
    values = {"firm": "Kanzlei", "name": "Olga", "email": "olga@kanzlei.example", "password": WORDS}
    with pytest.raises(AppError, match="link_worthless"):
        make_first_owner("erfunden", **values)
    with pytest.raises(ValidationFailed) as failed:
        make_first_owner(token, **values | {"password": "kurz"})
    assert list(failed.value.problems) == ["password"]
    with pytest.raises(ValidationFailed) as failed:
        make_first_owner(token, firm="", name=" ", email="olga", password="")
    assert list(failed.value.problems) == ["firm", "name", "email", "password"], "all of it at once"
    assert make_first_owner(token, **values)
    with pytest.raises(AppError, match="link_worthless"):
        make_first_owner(token, **values | {"email": "zwei@kanzlei.example"})
    assert offer_first_owner() is None


def test_a_link_for_the_first_owner_is_there_until_somebody_is_one(store):
    members.add_member(SYSTEM, name="Ella", email="ella@kanzlei.example", role="employee")
    values = {"firm": "", "name": "Ella Neu", "email": "Ella@Kanzlei.example", "password": WORDS}
    token = offer_first_owner()
    assert token and not members.is_set_up() and members.is_first_owner_link(token)
    name_firm(SYSTEM, "Kanzlei")
    ella = make_first_owner(token, **values).viewer.id
    with reader(SYSTEM) as r:
        assert [row["role"] for row in r.rows("SELECT role FROM staff_member")] == ["owner"], "who is in the team already becomes it"
        assert [row["name"] for row in r.rows("SELECT name FROM firm")] == ["Kanzlei"]
    assert check_password("ella@kanzlei.example", WORDS, "10.0.0.9") == ella


def test_a_link_opens_nothing_once_the_command_made_an_owner(store):
    token = offer_first_owner()
    members.add_member(SYSTEM, name="Olga", email="olga@kanzlei.example", role="owner", firm="Kanzlei")
    assert members.is_set_up() and not members.is_first_owner_link(token)


def test_nobody_but_the_command_line_names_the_firm(firm):
    with pytest.raises(NotAllowed):
        name_firm(Viewer.staff(firm.owner), "Anders")


def test_a_session_lives_and_ends(firm, settings):
    token = start_session(firm.assigned, "127.0.0.1", "test")
    assert viewer_of(hash_token(token), settings) == Viewer.staff(firm.assigned)
    with reader(SYSTEM) as r:
        assert token not in str(r.rows("SELECT * FROM live_session"))
    end_session(hash_token(token))
    assert viewer_of(hash_token(token), settings) is None
    assert viewer_of("", settings) is None and viewer_of("erfunden", settings) is None


@pytest.mark.parametrize(("column", "ago"), [("last_used_at", timedelta(minutes=31)), ("created_at", timedelta(hours=11))])
def test_idle_and_old_sessions_end(firm, settings, column, ago):
    token = start_session(firm.assigned, "127.0.0.1", "test")
    with writer(SYSTEM) as tx:
        tx.execute(f"UPDATE session SET {column} = $moment", {"moment": now() - ago})
    assert viewer_of(hash_token(token), settings) is None


def test_deactivating_and_a_new_password_end_sessions(firm, settings):
    tokens = [start_session(member, "127.0.0.1", "test") for member in (firm.assigned, firm.everything)]
    members.deactivate(SYSTEM, firm.assigned)
    set_password(SYSTEM, firm.everything, WORDS)
    assert [viewer_of(hash_token(token), settings) for token in tokens] == [None, None]


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "overview"])
def test_a_ticket_works_once_and_leads_back_to_this_site_only(path):
    token = mint(Begun(Viewer.staff(1), "x"), path)
    assert redeem(token).back_to == "/"
    assert redeem(token) is None


@pytest.mark.parametrize("opens", [open_team_invitation, open_invitation, members.is_first_owner_link], ids=lambda opens: opens.__name__)
def test_a_link_that_holds_half_a_letter_is_worthless_not_an_error(store, opens):
    assert not opens("\ud800x")
