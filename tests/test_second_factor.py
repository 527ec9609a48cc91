"""The second factor: codes that count once, a clock a minute off, recovery codes, who needs one and who takes it away."""

from __future__ import annotations

import pyotp
import pytest

from core.base.errors import AppError, EditConflict, NotAllowed, NotFound, ValidationFailed
from core.base.rights import Viewer
from core.identity import second_factor, second_factor_key, throttle
from core.identity.members import set_role
from core.identity.second_factor import (
    app_address,
    check_code,
    factor_state,
    new_secret,
    remove_second_factor,
    renew_recovery_codes,
    reset_second_factor,
    set_second_factor,
    set_sign_in_rules,
)
from core.identity.sessions import start_session
from core.identity.throttle import TooManyTries
from core.operations.control_socket import perform
from core.store import now, reader, writer

SYSTEM = Viewer.system("tests")
BEGAN = 1_800_000_000


@pytest.fixture
def clock(monkeypatch):
    """The time the server reads, to be moved."""
    moment = {"at": BEGAN}
    monkeypatch.setattr(second_factor.time, "time", lambda: moment["at"])
    throttle._counts.clear()
    yield moment
    throttle._counts.clear()


@pytest.fixture
def anna(firm, clock):
    """(viewer, secret, recovery codes) of a member with a factor; half an hour has passed since."""
    viewer, secret = Viewer.staff(firm.assigned), new_secret()
    codes = set_second_factor(viewer, secret, pyotp.TOTP(secret).at(BEGAN))
    clock["at"] += 1800
    return viewer, secret, codes


def test_a_code_counts_once(anna, clock):
    viewer, secret, _ = anna
    code = pyotp.TOTP(secret).at(clock["at"])
    assert check_code(viewer, f" {code[:3]} {code[3:]} ")
    assert not check_code(viewer, code)
    assert not check_code(viewer, pyotp.TOTP(secret).at(clock["at"] - 30)), "an older one is no newer"
    clock["at"] += 30
    assert check_code(viewer, pyotp.TOTP(secret).at(clock["at"]))


def test_the_code_of_the_set_up_is_used_up(firm, clock):
    viewer, secret = Viewer.staff(firm.assigned), new_secret()
    code = pyotp.TOTP(secret).at(BEGAN)
    with pytest.raises(ValidationFailed):
        set_second_factor(viewer, secret, "000000" if code != "000000" else "111111")
    set_second_factor(viewer, secret, code)
    assert not check_code(viewer, code)


@pytest.mark.parametrize(("off", "taken"), [(-60, True), (60, True), (-120, False), (120, False), (0, True)])
def test_a_clock_may_be_a_minute_off(anna, clock, off, taken):
    viewer, secret, _ = anna
    assert check_code(viewer, pyotp.TOTP(secret).at(clock["at"] + off)) is taken


@pytest.mark.parametrize("code", ["", "12345", "0" * 1000, "١٢٣٤٥٦", "x\x00", "' OR 1=1 --"])
def test_nonsense_is_only_wrong(anna, code):
    assert not check_code(anna[0], code)


def test_recovery_codes_count_once_each_and_are_kept_hashed(anna):
    viewer, secret, codes = anna
    assert len(set(codes)) == 10
    assert check_code(viewer, codes[0].upper().replace("-", " "))
    assert not check_code(viewer, codes[0])
    assert factor_state(viewer).codes_left == 9
    fresh = renew_recovery_codes(viewer)
    assert not check_code(viewer, codes[1])
    assert check_code(viewer, fresh[1])
    with writer(SYSTEM) as tx:
        kept = str(tx.rows("SELECT * FROM recovery_code")) + str(tx.rows("SELECT * FROM audit_entry"))
    assert not any(form in kept for code in fresh for form in (code, code.replace("-", "")))
    assert secret not in kept


def test_another_members_code_is_wrong(anna, firm, clock):
    _, secret, codes = anna
    other = Viewer.staff(firm.owner)
    set_second_factor(other, mine := new_secret(), pyotp.TOTP(mine).at(clock["at"]))
    assert not check_code(other, pyotp.TOTP(secret).at(clock["at"]))
    assert not check_code(other, codes[0])
    assert not check_code(Viewer.contact(firm.address), codes[0])


def test_five_wrong_ones_slow_down_but_not_the_browser_that_signed_in_before(anna, clock):
    viewer, secret, _ = anna
    start_session(viewer, "127.0.0.1", "test", browser="annas-own")
    for _ in range(5):
        assert not check_code(viewer, "000000", "erfunden")
    right = pyotp.TOTP(secret).at(clock["at"])
    for stranger in (None, "erfunden"):
        with pytest.raises(TooManyTries):
            check_code(viewer, right, stranger)
    assert check_code(viewer, right, "annas-own")


def test_the_secret_is_read_by_nobody(anna, firm):
    _, secret, _ = anna
    for viewer in (SYSTEM, Viewer.staff(firm.owner), Viewer.staff(firm.assigned), Viewer.contact(firm.address)):
        with reader(viewer) as r:
            shown = str(r.rows("SELECT * FROM second_factor")) + str(r.rows("SELECT * FROM recovery_code"))
            assert secret not in shown and "hash" not in shown
    assert secret in app_address(anna[0], secret)


def test_who_needs_one_is_said_by_role_and_cannot_do_without(anna, firm):
    owner, viewer = Viewer.staff(firm.owner), anna[0]
    assert not factor_state(viewer).needed
    set_sign_in_rules(owner, roles=("employee", "owner", "erfunden"))
    assert factor_state(viewer).needed and factor_state(owner).needed
    set_role(SYSTEM, firm.everything, "admin")
    assert not factor_state(Viewer.staff(firm.everything)).needed
    assert not factor_state(Viewer.contact(firm.address)).needed
    with pytest.raises(AppError, match="factor_needed"):
        remove_second_factor(viewer)
    with pytest.raises(EditConflict):
        set_sign_in_rules(owner, 1, roles=())
    set_sign_in_rules(owner, roles=())
    remove_second_factor(viewer)
    assert not factor_state(viewer).has


def test_an_owner_takes_a_lost_factor_away_and_it_is_recorded(anna, firm):
    viewer, _, codes = anna
    with pytest.raises(NotAllowed):
        reset_second_factor(Viewer.staff(firm.everything), firm.assigned)
    reset_second_factor(Viewer.staff(firm.owner), firm.assigned)
    assert not check_code(viewer, codes[0])
    with pytest.raises(NotFound):
        reset_second_factor(Viewer.staff(firm.owner), firm.assigned)
    with reader(SYSTEM) as r:
        rows = r.rows("SELECT action, actor_id, entity_id FROM audit_entry WHERE action LIKE 'second_factor%' ORDER BY audit_entry_id")
    assert [row["action"] for row in rows] == ["second_factor_set", "second_factor_reset", "second_factor_failed"]
    assert rows[1] == {"action": "second_factor_reset", "actor_id": firm.owner, "entity_id": firm.assigned}


def stored(member: int) -> str:
    with writer(SYSTEM) as tx:
        return tx.get("second_factor", member)["secret"]


def test_a_copied_database_alone_gives_no_codes(firm, settings):
    me, secret = Viewer.staff(firm.owner), new_secret()
    set_second_factor(me, secret, pyotp.TOTP(secret).now())
    key = settings.data / second_factor_key.KEY_FILE_NAME
    assert (key.stat().st_mode & 0o777, len(key.read_bytes())) == (0o600, 32)
    assert secret not in stored(firm.owner)
    assert second_factor_key.unseal(stored(firm.owner), firm.owner) == secret
    assert second_factor_key.unseal(stored(firm.owner), firm.assigned) is None, "a row moved to somebody else"
    key.write_bytes(b"x" * 32)
    assert second_factor_key.unseal(stored(firm.owner), firm.owner) is None
    assert not check_code(me, pyotp.TOTP(secret).now())


def test_what_an_older_version_stored_in_the_open_is_sealed_at_the_next_start(firm, monkeypatch):
    monkeypatch.setattr(second_factor.time, "time", lambda: float(BEGAN))
    secret = new_secret()
    with writer(SYSTEM) as tx:
        tx.insert("second_factor", staff_member_id=firm.owner, secret=secret, last_step=0, created_at=now())
    assert (second_factor.seal_old_secrets(), second_factor.seal_old_secrets()) == (1, 0)
    assert secret not in stored(firm.owner)
    assert check_code(Viewer.staff(firm.owner), pyotp.TOTP(secret).at(BEGAN))


def test_a_command_on_the_server_takes_a_lost_factor_away(firm, settings):
    me, secret, said = Viewer.staff(firm.owner), new_secret(), []
    set_second_factor(me, secret, pyotp.TOTP(secret).now())
    assert perform(settings, "user_factor_off", {"email": "owner@kanzlei.example"}, said.append) == 0
    assert not factor_state(me).has
    assert perform(settings, "user_factor_off", {"email": "owner@kanzlei.example"}, said.append) == 1, "there is none any more"
