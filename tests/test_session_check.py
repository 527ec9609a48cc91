"""The store asks for the session behind a viewer at every read and write: an object that was made earlier gives no power."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.access.open_account import open_account
from core.access.verbs import VERBS
from core.access.view_as import begin_view, end_view
from core.base.errors import SignedOut, ViewingOnly
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.identity.members import deactivate, set_language
from core.identity.sessions import end_session, start_session, viewer_of
from core.store import account_reader, cached, reader, scope_of, writer

SYSTEM = Viewer.system("tests")


@pytest.fixture
def owner(firm, settings):
    """(hash of a session's token, the owner as this session's viewer)."""
    token = hash_token(start_session(firm.owner, "127.0.0.1", "x"))
    return token, viewer_of(token, settings)


def uses(viewer: Viewer, account_id: int) -> list:
    """Every way a viewer is used."""

    def read():
        with reader(viewer) as r:
            return r.value("SELECT 1")

    def read_account():
        with account_reader(viewer, account_id) as r:
            return r.value("SELECT 1")

    def write():
        with writer(viewer):
            pass

    def remembered():
        return cached(viewer, ("name",), lambda r: r.value("SELECT 1"))

    return [read, read_account, write, remembered, lambda: scope_of(viewer), lambda: open_account(viewer, account_id)]


def test_while_the_session_lives_everything_is_as_it_was(firm, owner):
    for use in uses(owner[1], firm.own):
        use()
    # The way something comes by is not who it is.
    for use in uses(replace(owner[1], through="put_back"), firm.own):
        use()


@pytest.mark.parametrize("how", ["left", "deactivated"])
def test_once_it_ended_nothing_is(firm, owner, how):
    token, viewer = owner
    account = open_account(viewer, firm.own)
    for use in uses(viewer, firm.own):
        use()
    if how == "left":
        end_session(token)
    else:
        with writer(SYSTEM) as tx:
            tx.update("staff_member", firm.everything, role="owner")
        deactivate(SYSTEM, firm.owner)
    for use in uses(account.viewer, firm.own):
        with pytest.raises(SignedOut):
            use()
    with pytest.raises(SignedOut):
        set_language(viewer, "en")
    assert VERBS
    # Another session of somebody else is not touched by it.
    with reader(firm.viewer("assigned")) as r:
        assert r.value("SELECT 1") == 1


def test_looking_as_somebody_else_ends_what_one_could_oneself(firm, owner, settings):
    token, viewer = owner
    begin_view(viewer, firm.assigned, token)
    for use in uses(viewer, firm.own):
        with pytest.raises(ViewingOnly):
            use()
    looking = viewer_of(token, settings)
    with reader(looking) as r:
        assert r.scope.role == "employee"
    # The person behind it may be asked for their language and leads back.
    with reader(looking.person) as r:
        assert r.scope.role == "owner"
    end_view(looking.person, token)
    for use in uses(looking, firm.own):
        with pytest.raises((SignedOut, ViewingOnly)):
            use()
    for use in uses(viewer, firm.own):
        use()
