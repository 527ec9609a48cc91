"""What slows guessing down, and that it slows nobody else down."""

from __future__ import annotations

import statistics
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.base.rights import Viewer
from core.i18n import sentence
from core.identity import throttle
from core.identity.members import set_password
from core.identity.sessions import start_session
from core.identity.sign_in import check_password, check_sign_in
from core.identity.throttle import FREE_TRIES, MAX_WAIT_S, TooManyTries, count_try, network_of
from core.store import writer
from tests.attacks.size import FULL
from tests.small_firm import build_firm

SYSTEM = Viewer.system("tests")
WORDS = "eine-laterne-im-regen"
OWNER = "owner@kanzlei.example"


def build_with_password(_):
    firm = build_firm()
    set_password(SYSTEM, firm.owner, WORDS)
    return firm


@pytest.fixture
def firm(holding):
    """The small firm, its owner with a password."""
    return holding(build_with_password)


@pytest.fixture(autouse=True)
def with_password(firm):
    throttle._counts.clear()
    yield firm
    throttle._counts.clear()


def later(seconds: float) -> None:
    throttle._counts.update({key: (count, last - seconds) for key, (count, last) in throttle._counts.items()})


def seconds_to_wait(address: str) -> int:
    with pytest.raises(TooManyTries) as refused:
        check_password(OWNER, WORDS, address)
    return refused.value.values["n"]


def test_many_at_once_do_not_slip_through(monkeypatch):
    monkeypatch.setattr(throttle.time, "monotonic", lambda: 1000.0)

    def attempt(turn: int) -> bool:
        try:
            return check_password(OWNER, f"falsch-{turn}", f"10.0.0.{turn}") is None
        except TooManyTries:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) == FREE_TRIES["name"]


def test_the_wait_grows_to_five_minutes_and_ends_with_the_right_password(firm, monkeypatch):
    monkeypatch.setattr(throttle.time, "monotonic", lambda: 1000.0)
    for _ in range(FREE_TRIES["name"]):
        check_password(OWNER, "falsch", "10.0.0.1")
    waits = []
    for _ in range(9):
        waits.append(seconds_to_wait("10.0.0.1"))
        later(MAX_WAIT_S)
        check_password(OWNER, "falsch", "10.0.0.1")
    assert waits == sorted(waits) and waits[0] <= 3 and waits[-1] == MAX_WAIT_S + 1
    later(MAX_WAIT_S)
    assert check_password(OWNER, WORDS, "10.0.0.1") == firm.owner
    assert check_password(OWNER, "falsch", "10.0.0.1") is None
    assert check_password(OWNER, WORDS, "10.0.0.1") == firm.owner


def test_waiting_costs_no_further_time():
    for _ in range(FREE_TRIES["name"]):
        check_password(OWNER, "falsch", "10.0.0.1")
    first = seconds_to_wait("10.0.0.1")
    assert all(seconds_to_wait("10.0.0.1") <= first for _ in range(20))


def test_another_name_from_another_address_is_not_slowed(firm):
    set_password(SYSTEM, firm.assigned, WORDS)
    for _ in range(FREE_TRIES["name"]):
        check_password(OWNER, "falsch", "10.0.0.1")
    assert check_password("assigned@kanzlei.example", WORDS, "10.0.0.2") == firm.assigned


def test_a_failed_sign_in_is_recorded_without_what_was_typed():
    check_password(OWNER, "kanarie-passwort", "10.0.0.1")
    check_password("kanarie-name", "kanarie-passwort", "10.0.0.1")
    with writer(SYSTEM) as tx:
        rows = tx.rows("SELECT * FROM audit_entry WHERE action = 'sign_in_failed'")
    assert len(rows) == 2
    assert "kanarie" not in str(rows)


def test_old_counts_are_forgotten(monkeypatch):
    monkeypatch.setattr(throttle, "MAX_COUNTS", 5)
    for turn in range(8):
        check_password(f"{turn}@nirgends.example", "falsch", f"10.0.0.{turn}")
    later(throttle.COUNT_TTL_S + 1)
    check_password("9@nirgends.example", "falsch", "10.0.0.9")
    assert set(throttle._counts) == {f"{kind}9@nirgends.example{tail}" for kind, tail in (("name:", ""), ("pair:", "|10.0.0.9"))} | {
        "from:10.0.0.9"
    }


def test_a_browser_that_signed_in_before_has_its_own_count(firm):
    for turn in range(FREE_TRIES["name"]):
        check_password(OWNER, "falsch", f"10.0.0.{turn}")
    start_session(firm.owner, "127.0.0.1", "test", browser="owners-own")
    start_session(firm.assigned, "127.0.0.1", "test", browser="of-anna")
    for stranger in (None, "erfunden", "of-anna"):
        with pytest.raises(TooManyTries):
            check_sign_in(OWNER, WORDS, "10.0.1.1", "test", stranger)
    assert check_sign_in(OWNER, WORDS, "10.0.0.1", "test", "owners-own") == Viewer.staff(firm.owner)
    for _ in range(FREE_TRIES["browser"]):
        assert check_sign_in(OWNER, "falsch", "10.0.0.1", "test", "owners-own") is None
    with pytest.raises(TooManyTries):
        check_sign_in(OWNER, WORDS, "10.0.0.1", "test", "owners-own")


def test_signing_in_oneself_does_not_free_the_address_for_guessing_others(firm):
    set_password(SYSTEM, firm.assigned, WORDS)
    with pytest.raises(TooManyTries):
        for turn in range(2 * FREE_TRIES["from"]):
            check_password(f"{turn}@kanzlei.example", "falsch", "10.0.0.1")
            assert check_password("assigned@kanzlei.example", WORDS, "10.0.0.1") == firm.assigned
    assert check_password("assigned@kanzlei.example", WORDS, "10.0.0.2") == firm.assigned


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_address_counts_as_its_network_of_64_bits(address, network):
    assert network_of(address) == network


def test_a_new_ipv6_address_of_the_same_network_gives_no_new_tries(firm):
    set_password(SYSTEM, firm.assigned, WORDS)
    with pytest.raises(TooManyTries):
        for turn in range(FREE_TRIES["from"] + 1):
            check_password(f"{turn}@kanzlei.example", "falsch", f"2001:db8:1:2:{turn:x}::1")
    with pytest.raises(TooManyTries):
        check_password("assigned@kanzlei.example", WORDS, "2001:db8:1:2:ffff::1")
    assert check_password("assigned@kanzlei.example", WORDS, "2001:db8:1:3::1") == firm.assigned
    # Mails with links are counted the same way.
    with pytest.raises(TooManyTries):
        for turn in range(FREE_TRIES["mails"] + 1):
            count_try(f"mails:{network_of(f'2001:db8:1:2:{turn:x}::1')}")


@pytest.mark.parametrize("password", ["x" * 1_000_000, "\x00", "\ud800", ""])
def test_odd_passwords_are_only_wrong(password):
    assert check_password(OWNER, password, "10.0.0.1") is None
    assert check_password(password, password, "10.0.0.1") is None


def test_a_password_is_the_same_however_it_was_composed(firm):
    set_password(SYSTEM, firm.owner, "grüße-aus-köln-😀")
    assert check_password(OWNER, unicodedata.normalize("NFD", "grüße-aus-köln-😀"), "10.0.0.1") == firm.owner


def test_known_and_unknown_names_take_the_same_time(firm):
    many = 200 if FULL else 20
    with writer(SYSTEM) as tx:
        known = [f"{turn}@kanzlei.example" for turn in range(many)]
        secret = tx.get("staff_member", firm.owner)["password_hash"]
        for email in known[: many // 2]:
            tx.insert("staff_member", name="x", email=email, password_hash=secret, created_at=tx.moment)
        for email in known[many // 2 :]:
            address = tx.insert("contact_email", contact_id=firm.contact, email=email, password_hash=secret, created_at=tx.moment)
            tx.insert("email_access", account_id=firm.own, contact_id=firm.contact, contact_email_id=address, login=True)

    def took(email: str) -> float:
        throttle._counts.clear()
        # Of this thread alone: what others do on a busy machine tells nothing about names.
        began = time.thread_time()
        check_password(email, "falsch", "10.0.0.1")
        return time.thread_time() - began

    took(OWNER)
    pairs = [(took(email), took(email.replace("kanzlei", "nirgends"))) for email in known]
    medians = [statistics.median(side) for side in zip(*pairs, strict=True)]
    print(f"medians over {many} names each: known {medians[0] * 1000:.1f} ms, unknown {medians[1] * 1000:.1f} ms")
    assert abs(medians[0] - medians[1]) < 0.01


def test_the_last_second_is_one():
    assert sentence(TooManyTries(n=1)).endswith("Bitte warten Sie eine Sekunde.")
    assert sentence(TooManyTries(n=2)).endswith("Bitte warten Sie 2 Sekunden.")
