"""The client's own door: invited, signed in, seen in Anmeldeaktivität, shut out; the door leads to nothing else."""

from __future__ import annotations

import pytest

from core.access.contact_access import open_invitation, set_access
from core.base.errors import NotFound, ValidationFailed
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.clients.account_record import archive_account
from core.clients.contacts import contacts_of, create_contact
from core.identity import sign_in
from core.identity.contact_portal import accept_invitation, own_accounts
from core.identity.sessions import start_session, viewer_of
from core.identity.sign_in import check_password, check_sign_in
from core.store import reader, writer

SYSTEM, WORDS = Viewer.system("tests"), "vier-bunte-laternen"


@pytest.fixture
def invited(firm):
    """(account, address, token) of a contact who was just given a login."""
    account = firm.account("empty")
    create_contact(account, {"name": "Ida Leer"}, ("ida@leer.example",))
    address = contacts_of(account)[0].emails[0]["contact_email_id"]
    return account, address, set_access(account, address, login=True)


def logins(account) -> list[tuple[str, str]]:
    sign_in._afterwards.submit(lambda: None).result()
    with reader(SYSTEM) as r:
        return [
            (row["email"], row["outcome"])
            for row in r.rows("SELECT * FROM login WHERE account_id = $a ORDER BY login_id", a=account.account_id)
        ]


def test_an_invitation_is_used_once_and_makes_pending_active(firm, invited):
    account, address, token = invited
    with pytest.raises(ValidationFailed):
        accept_invitation(token, "kurz")
    viewer = accept_invitation(token, WORDS).viewer
    assert viewer == Viewer.contact(address)
    with pytest.raises(NotFound, match="invitation_worthless"):
        accept_invitation(token, WORDS)
    assert firm.account("empty").state == "pending"
    start_session(viewer, "127.0.0.1", "test")
    assert firm.account("empty").state == "active"
    assert logins(account) == [("ida@leer.example", "success")]


def test_signing_in_with_the_address_sees_the_account_and_nothing_else(firm, invited):
    account, address, token = invited
    accept_invitation(token, WORDS)
    assert check_sign_in("IDA@leer.example", WORDS, "10.0.0.1") == Viewer.contact(address)
    assert check_password("ida@leer.example", WORDS, "10.0.0.1") is None
    assert check_sign_in("ida@leer.example", "falsch", "10.0.0.1") is None
    assert logins(account) == [("ida@leer.example", "failed")]
    assert [row["account_id"] for row in own_accounts(Viewer.contact(address))] == [firm.empty]


@pytest.mark.parametrize("how", ["login off", "archived", "expired"])
def test_shut_out_at_the_next_question(firm, settings, invited, how):
    account, address, token = invited
    session = hash_token(start_session(accept_invitation(token, WORDS).viewer, "127.0.0.1", "test"))
    assert viewer_of(session, settings) == Viewer.contact(address)
    if how == "login off":
        set_access(account, address, login=False)
    elif how == "archived":
        archive_account(account)
    else:
        with writer(SYSTEM) as tx:
            tx.execute("UPDATE session SET last_used_at = last_used_at - INTERVAL 16 MINUTE")
    assert viewer_of(session, settings) is None
    if how != "expired":
        assert check_sign_in("ida@leer.example", WORDS, "10.0.0.1") is None


def test_a_link_of_an_account_that_was_archived_is_worthless(invited):
    account, _, token = invited
    archive_account(account)
    assert open_invitation(token) is None
