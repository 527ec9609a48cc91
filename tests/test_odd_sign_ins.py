"""Which sign-ins look odd, and to whom that is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.activity.odd_sign_ins import HABIT, MANY_IN_DAY, MANY_IN_HOUR, odd_sign_ins
from core.base.config import read_settings
from core.base.errors import NotAllowed
from core.base.tokens import hash_token
from core.identity.sessions import own_new_system, start_session
from core.store import now, writer
from tests.test_ledger import SYSTEM

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
EDGE = WINDOWS + " Edg/142.0.0.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile Safari/604.1"


def tried(firm, outcome: str, *minutes_ago: int, device: str = WINDOWS) -> None:
    """The client's address was tried so many minutes ago, each time with this outcome."""
    with writer(SYSTEM) as tx:
        for minutes in minutes_ago:
            tx.insert(
                "login", account_id=firm.own, contact_email_id=firm.address, email="a@b.de", tried_at=now() - timedelta(minutes=minutes),
                device=device, outcome=outcome,
            )  # fmt: skip


def odd(firm, who: str = "owner") -> list[str]:
    return [row["odd"] for row in odd_sign_ins(firm.viewer(who), of_everybody=True)]


def test_a_success_after_many_failures_in_an_hour_is_odd_and_fewer_are_usual(firm):
    tried(firm, "failed", *range(2, MANY_IN_HOUR + 1))
    tried(firm, "success", 1)
    assert odd(firm) == []
    tried(firm, "failed", 30)
    assert odd(firm) == ["after_failures"]
    tried(firm, "failed", *range(300, 300 + MANY_IN_DAY))
    assert sorted(odd(firm)) == ["after_failures", "guessed"], "one row for each address and reason"


def test_a_system_never_seen_is_odd_once_there_is_a_habit_and_another_browser_is_not(firm):
    tried(firm, "success", *range(50_000, 50_000 + HABIT - 1))
    tried(firm, "success", 30, device=PHONE)
    assert odd(firm) == [], "who has no habit yet breaks none"
    tried(firm, "success", 40, device=EDGE)
    assert odd(firm) == ["new_system"]
    tried(firm, "success", 20, device=PHONE)
    assert odd(firm) == ["new_system"], "the first time is odd, not the second"


def test_odd_sign_ins_are_told_to_who_manages_clients_of_those_they_see(firm):
    tried(firm, "failed", *range(1, 1 + MANY_IN_DAY))
    assert odd_sign_ins(firm.viewer("owner"), of_everybody=False) == [], "the owner works for no client"
    with pytest.raises(NotAllowed):
        odd_sign_ins(firm.viewer("assigned"), of_everybody=True)


def test_ones_own_session_on_a_system_never_used_is_told_until_it_ends(firm):
    settings, viewer = read_settings(), firm.viewer("assigned")
    for _ in range(HABIT):
        mine = hash_token(start_session(firm.assigned, "192.0.2.1", WINDOWS))
    assert own_new_system(viewer, mine, settings) is None
    other = hash_token(start_session(firm.assigned, "192.0.2.9", PHONE))
    found = own_new_system(viewer, mine, settings)
    assert found is not None and found["user_agent"] == PHONE
    assert own_new_system(viewer, other, settings) is None, "not the session one asks from"
    assert own_new_system(firm.viewer("owner"), mine, settings) is None, "nor somebody else's"
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE session SET ended_at = $now WHERE token_hash = $hash", {"now": now(), "hash": other})
    assert own_new_system(viewer, mine, settings) is None
