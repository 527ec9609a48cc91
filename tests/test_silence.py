"""Silence against a client's own habit: how the habit is found, who is silent, and where it is said."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest

from core.activity.habit import make_habits
from core.activity.silence import gone_silent, silence_of
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.list_conditions import Condition
from core.i18n.formats import today
from core.store import now, reader, writer
from tests.test_ledger import NEEDED, SYSTEM, add

DAY = timedelta(days=1)


def wrote(account_id: int, days_ago: list[int]) -> None:
    """The client wrote at noon so many days ago."""
    noon = datetime.combine(today(), time(11))
    with writer(SYSTEM) as tx:
        for ago in days_ago:
            tx.insert("email", account_id=account_id, sent_at=noon - ago * DAY, is_read=True, **NEEDED["email"])


def habit(account_id: int):
    make_habits()
    with reader(SYSTEM) as r:
        row = r.row("SELECT usual_days, longest_days, active_days FROM account_habit WHERE account_id = $id", id=account_id)
    return None if row is None else tuple(row.values())


def usual(days_ago: list[int]) -> int:
    """The least whole number of days that a silence was shorter than on 98 of 100 days, day by day."""
    days = sorted(set(days_ago), reverse=True)
    gaps = [before - after for before, after in pairwise(days)]
    all_days = days[0] - days[-1]
    return next(s for s in range(all_days + 1) if sum(max(gap - s, 0) for gap in gaps) <= 0.02 * all_days)


@pytest.mark.parametrize("seed", range(3))
def test_the_habit_is_what_counting_day_by_day_finds(firm, seed):
    dice, ago, days = random.Random(seed), 1, []
    while ago < 700:
        days.append(ago)
        ago += dice.choice((1, 1, 2, 5, 9, dice.randint(1, 90)))
    wrote(firm.empty, [*days, *days[:3]])
    gaps = [after - before for before, after in pairwise(days)]
    assert habit(firm.empty) == (usual(days), max(gaps), len(days))


def test_no_habit_is_claimed_of_a_new_or_rare_client(firm):
    assert habit(firm.empty) is None
    wrote(firm.empty, [200, 150, 100, 50, 40, 30, 20])
    assert habit(firm.empty)[0] is None, "seven days are too few"
    wrote(firm.own, list(range(1, 170, 9)))
    assert habit(firm.own)[0] is None, "half a year is needed"


def test_one_burst_a_month_is_no_silence_but_what_is_longer_is_said_everywhere_until_the_client_writes(firm):
    bursts = [30 * month + day for month in range(24) for day in (25, 26, 27)]
    wrote(firm.own, bursts)
    wrote(firm.empty, [ago + 20 for ago in bursts])
    make_habits()
    owner, assigned = firm.viewer("owner"), firm.viewer("assigned")
    assert [row["account_id"] for row in gone_silent(owner, of_everybody=True)] == [firm.empty]
    found = silence_of(firm.account("empty"))
    assert (found["days"], found["usual_days"], found["silence"]) == (45, 28, "never_so_long")
    assert silence_of(firm.account("own")) is None
    assert gone_silent(assigned, of_everybody=True) == [], "nobody is told of clients they do not see"
    assert gone_silent(owner, of_everybody=False) == [], "nor in their own list of those they do not work for"
    wish = AccountQuery(
        conditions=(Condition("silence", "is", ("silent", "never_so_long")),), columns=("name", "silence", "last_client_at")
    )
    assert [row["silence"] for row in list_accounts(owner, wish).rows] == ["never_so_long"]
    add("email", firm.empty, sent_at=now())
    assert gone_silent(owner, of_everybody=True) == [] and list_accounts(owner, wish).total == 0
