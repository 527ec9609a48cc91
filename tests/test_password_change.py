"""A password changed: by oneself, with a colleague's link, with a mailed one; what ends with it, and what a link never tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.access.contact_access import set_access
from core.base.errors import NotAllowed, NotFound, ValidationFailed
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.i18n import words_of
from core.identity import password_change, throttle
from core.identity.contact_portal import accept_invitation
from core.identity.members import deactivate, set_password, set_role
from core.identity.password_change import change_own_password, make_reset_link, open_reset, request_reset, reset_password
from core.identity.sessions import start_session, viewer_of
from core.identity.sign_in import check_password, check_sign_in
from core.identity.throttle import TooManyTries
from core.store import now, reader, writer
from core.ui.parts import viewer as page_viewer
from tests.stores import ROOT

SYSTEM = Viewer.system("tests")
OLD, NEW = "eine-laterne-im-regen", "zwei-laternen-im-schnee"


@pytest.fixture(autouse=True)
def people(firm):
    throttle._counts.clear()
    for member in (firm.owner, firm.assigned, firm.everything):
        set_password(SYSTEM, member, OLD)
    yield firm
    throttle._counts.clear()


@pytest.fixture
def mailed(settings, monkeypatch):
    """(settings with a mail server, what was handed to it)."""
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(password_change, "send", lambda _, to, subject, text: sent.append((to, text)))
    return replace(settings, smtp_host="mail.example", smtp_sender="a@b.example", public_url="https://kanzlei.example"), sent


def asked(settings, email: str, address: str = "10.0.0.1") -> None:
    request_reset(settings, email, address)
    password_change._mailing.submit(lambda: None).result()


def token_in(text: str) -> str:
    return text.split("https://kanzlei.example/?reset=")[1].split(maxsplit=1)[0]


def test_one_changes_the_own_password_knowing_the_old_one_and_all_other_sessions_end(firm, settings):
    me = Viewer.staff(firm.assigned)
    here, there = (start_session(firm.assigned, "127.0.0.1", "test") for _ in range(2))
    for old, new, field in (("falsch", NEW, "old"), ("", NEW, "old"), (OLD, "kurz", "password"), (OLD, "Anna-Zugeordnet-1", "password")):
        with pytest.raises(ValidationFailed) as refused:
            change_own_password(me, old, new, hash_token(here))
        assert set(refused.value.problems) == {field}
    change_own_password(me, OLD, NEW, hash_token(here))
    assert [viewer_of(hash_token(token), settings) for token in (here, there)] == [me, None]
    assert check_password("assigned@kanzlei.example", NEW, "10.0.0.1") == firm.assigned
    assert check_password("assigned@kanzlei.example", OLD, "10.0.0.1") is None


def test_guessing_the_old_password_in_an_open_session_is_slowed(firm):
    me = Viewer.staff(firm.assigned)
    for _ in range(5):
        with pytest.raises(ValidationFailed):
            change_own_password(me, "falsch", NEW, None)
    with pytest.raises(TooManyTries):
        change_own_password(me, OLD, NEW, None)


def test_a_colleagues_link_sets_a_new_password_once_and_ends_everything(firm, settings):
    token = make_reset_link(Viewer.staff(firm.owner), firm.assigned)
    session = start_session(firm.assigned, "127.0.0.1", "test")
    assert open_reset(token).email == "assigned@kanzlei.example"
    with pytest.raises(ValidationFailed):
        reset_password(token, "kurz")
    assert reset_password(token, NEW).viewer == Viewer.staff(firm.assigned)
    assert viewer_of(hash_token(session), settings) is None
    assert check_password("assigned@kanzlei.example", NEW, "10.0.0.1") == firm.assigned
    with pytest.raises(NotFound, match="reset_worthless"):
        reset_password(token, OLD)
    with reader(SYSTEM) as r:
        assert token not in str(r.rows("SELECT * FROM one_time_link")) + str(r.rows("SELECT * FROM audit_entry"))


@pytest.mark.parametrize("how", ["a newer link", "an hour", "a changed password", "deactivated", "invented", "another purpose"])
def test_a_link_is_worthless_after(firm, how):
    owner = Viewer.staff(firm.owner)
    token = make_reset_link(owner, firm.assigned)
    if how == "a newer link":
        make_reset_link(owner, firm.assigned)
    elif how == "a changed password":
        set_password(SYSTEM, firm.assigned, NEW)
    elif how == "deactivated":
        deactivate(SYSTEM, firm.assigned)
    elif how == "invented":
        token = "ü" * 43
    else:
        change = {"expires_at": now() - timedelta(seconds=1)} if how == "an hour" else {"purpose": "invitation"}
        with writer(SYSTEM) as tx:
            tx.update("one_time_link", tx.get("one_time_link", {"token_hash": hash_token(token)})["one_time_link_id"], **change)
    assert open_reset(token) is None
    with pytest.raises(NotFound, match="reset_worthless"):
        reset_password(token, "drei-laternen-im-nebel")


def test_admins_make_links_for_employees_and_nobody_for_themselves(firm):
    set_role(SYSTEM, firm.everything, "admin")
    admin = Viewer.staff(firm.everything)
    assert make_reset_link(admin, firm.assigned)
    for target in (firm.owner, firm.everything):
        with pytest.raises(NotAllowed):
            make_reset_link(admin, target)
    with pytest.raises(NotAllowed):
        make_reset_link(Viewer.staff(firm.owner), firm.owner)
    with pytest.raises(NotFound):
        make_reset_link(Viewer.staff(firm.owner), 999_999)


def test_a_forgotten_password_is_replaced_by_mail_for_the_team_and_for_contacts(firm, mailed):
    settings, sent = mailed
    with writer(SYSTEM) as tx:
        tx.update("contact_email", firm.address, password_hash=tx.get("staff_member", firm.owner)["password_hash"])
    asked(settings, " Assigned@kanzlei.example ")
    asked(settings, "maria@mueller.example")
    assert [to for to, _ in sent] == ["assigned@kanzlei.example", "maria@mueller.example"]
    assert reset_password(token_in(sent[0][1]), NEW).viewer == Viewer.staff(firm.assigned)
    assert reset_password(token_in(sent[1][1]), NEW).viewer == Viewer.contact(firm.address)
    assert check_sign_in("maria@mueller.example", NEW, "10.0.0.1") == Viewer.contact(firm.address)


def test_the_mail_speaks_the_language_of_who_reads_it(firm, mailed):
    settings, sent = mailed
    with writer(SYSTEM) as tx:
        tx.update("staff_member", firm.assigned, language="en")
        tx.update("contact", firm.contact, language="en")
        tx.update("contact_email", firm.address, password_hash=tx.get("staff_member", firm.owner)["password_hash"])
    for address in ("assigned@kanzlei.example", "maria@mueller.example", "everything@kanzlei.example"):
        asked(settings, address)
    assert [text.startswith(words_of("en")["mail.reset_text"][:12]) for _, text in sent] == [True, True, False]


def test_nobody_is_mailed_who_cannot_sign_in_and_the_answer_is_the_same(firm, mailed):
    settings, sent = mailed
    account = firm.account()
    invitation = set_access(account, firm.address, login=False) or set_access(account, firm.address, login=True)
    accept_invitation(invitation, OLD)
    set_access(account, firm.address, login=False)
    deactivate(SYSTEM, firm.everything)
    for email in (
        "niemand@nirgends.example",
        "everything@kanzlei.example",
        "maria@mueller.example",
        "unassigned@kanzlei.example",
        "",
        "x\x00",
    ):
        assert asked(settings, email) is None
    assert sent == []


def test_asking_again_and_again_is_slowed_for_known_and_unknown_alike(mailed):
    settings, sent = mailed
    for email in ("assigned@kanzlei.example", "niemand@nirgends.example"):
        for _ in range(3):
            asked(settings, email)
        with pytest.raises(TooManyTries):
            asked(settings, email)
    assert len(sent) == 3
    assert open_reset(token_in(sent[0][1])) is None and open_reset(token_in(sent[2][1])) is not None


@pytest.mark.parametrize("lacking", ["smtp_host", "public_url"])
def test_without_a_mail_server_or_an_address_of_our_own_no_link_is_offered(mailed, lacking):
    settings, _ = mailed
    assert password_change.can_mail_links(settings)
    assert not password_change.can_mail_links(replace(settings, **{lacking: ""}))


def test_a_link_opened_while_signed_in_is_left_alone_and_said(firm, monkeypatch):
    monkeypatch.chdir(ROOT)
    token = start_session(firm.owner, "127.0.0.1", "test")
    monkeypatch.setattr(page_viewer, "token_hash", lambda: hash_token(token))
    at = AppTest.from_file(str(ROOT / "core/ui/frame.py"), default_timeout=60)
    at.query_params["join"] = "x" * 43
    at.run()
    assert [said.value for said in at.warning] == [words_of("de")["sign_in.link_while_in"]]
    assert at.sidebar.children
