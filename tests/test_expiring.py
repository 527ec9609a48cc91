"""What waits for an answer is there until it expires, within limits, and is taken once however many ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.base.expiring import Expiring


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def waiting(clock):
    return Expiring(60, 3, clock)


def test_a_value_is_there_until_its_time_is_over(waiting, clock):
    waiting.put("a", 1)
    clock.now_s += 59.9
    assert waiting.get("a") == 1 and len(waiting) == 1
    clock.now_s += 0.1
    assert waiting.get("a") is None and waiting.take("a") is None and len(waiting) == 0


def test_to_look_does_not_renew_and_to_put_again_does(waiting, clock):
    waiting.put("a", 1)
    waiting.put("b", 2)
    clock.now_s += 40
    waiting.get("a")
    waiting.put("b", 3)
    clock.now_s += 40
    assert waiting.get("a") is None and waiting.get("b") == 3


def test_the_oldest_goes_when_there_are_too_many(waiting):
    for name in "abcd":
        waiting.put(name, name)
    assert [waiting.get(name) for name in "abcd"] == [None, "b", "c", "d"]
    waiting.put("b", "new")  # in place of its own, not of another
    assert len(waiting) == 3 and waiting.get("c") == "c"


def test_what_does_not_fit_stays_for_the_one_it_is_for(waiting):
    waiting.put("a", 1)
    assert waiting.take("a", lambda value: value == 2) is None
    assert waiting.take("a", lambda value: value == 1) == 1
    assert waiting.take("a") is None


def test_the_newest_of_a_kind_are_kept(waiting):
    for name, kind in (("a", "x"), ("b", "y"), ("c", "x")):
        waiting.put(name, kind)
    waiting.keep_newest(1, lambda kind: kind == "x")
    assert [waiting.get(name) for name in "abc"] == [None, "y", "x"]
    waiting.clear()
    assert len(waiting) == 0


def test_of_many_who_take_at_once_one_gets_it():
    waiting = Expiring(60, 1000)
    for number in range(200):
        waiting.put(number, number)
    with ThreadPoolExecutor(8) as pool:
        taken = [value for value in pool.map(waiting.take, [*range(200)] * 8) if value is not None]
    assert sorted(taken) == [*range(200)]
