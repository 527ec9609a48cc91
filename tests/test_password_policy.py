"""Sign-in by passwords given up for the team: only where the provider is known to work, and never without a way back."""

from __future__ import annotations

import pytest

from core.base.config import read_settings
from core.base.errors import AppError
from core.base.rights import Viewer
from core.identity import throttle
from core.identity.members import set_password
from core.identity.password_change import make_reset_link, open_reset
from core.identity.password_policy import allow_password_sign_in, ensure_password_fallback, password_sign_in_allowed
from core.identity.second_factor import set_sign_in_rules
from core.identity.sign_in import check_password, check_sign_in
from core.identity.team import invite_member
from core.identity.team_invitation import accept_team_invitation
from core.store import now, writer
from tests.small_firm import PASSWORD

SYSTEM = Viewer.system("tests")


def closed(issuer: str) -> None:
    set_sign_in_rules(SYSTEM, roles=(), form_for_team=False, issuer=issuer)


def came_by(issuer: str, member: int) -> None:
    with writer(SYSTEM) as tx:
        tx.insert("session", token_hash=f"{issuer}{member}", staff_member_id=member, created_at=now(), last_used_at=now(), issuer=issuer)


def test_passwords_are_given_up_only_where_an_owner_came_by_that_provider(firm):
    for by, member in (("", None), ("https://a.example", None), ("https://a.example", firm.assigned)):
        if member:
            came_by(by, member)
        with pytest.raises(AppError, match="form_needs_provider"):
            closed(by)
    came_by("https://a.example", firm.owner)
    with pytest.raises(AppError, match="form_needs_provider"):
        closed("https://b.example")
    closed("https://a.example")
    assert not password_sign_in_allowed()


def test_without_passwords_no_password_and_no_link_of_the_team_leads_in(firm):
    throttle._counts.clear()
    set_password(SYSTEM, firm.assigned, PASSWORD)
    with writer(SYSTEM) as tx:
        tx.update("contact_email", firm.address, password_hash=tx.get("staff_member", firm.assigned)["password_hash"])
    link = make_reset_link(SYSTEM, firm.assigned)
    invitation = invite_member(Viewer.staff(firm.owner), name="Neu", email="neu@kanzlei.example")
    came_by("https://a.example", firm.owner)
    closed("https://a.example")
    assert check_password("assigned@kanzlei.example", PASSWORD, "10.0.0.1") is None
    assert check_sign_in("maria@mueller.example", PASSWORD, "10.0.0.2") == Viewer.contact(firm.address), "clients keep theirs"
    assert open_reset(link) is None
    with pytest.raises(AppError, match="form_is_off"):
        make_reset_link(SYSTEM, firm.assigned)
    token = invitation[1] if isinstance(invitation, tuple) else invitation
    with pytest.raises(AppError, match="form_is_off"):
        accept_team_invitation(token, "vier-zufaellige-worte")
    allow_password_sign_in(SYSTEM)
    assert check_password("assigned@kanzlei.example", PASSWORD, "10.0.0.3") == firm.assigned


def test_a_start_without_the_provider_takes_passwords_again(firm, settings):
    came_by("https://a.example", firm.owner)
    closed("https://a.example")
    (settings.data.parent / "s").write_text("geheim")
    given = {"oidc_client_id": "k", "oidc_client_secret_file": str(settings.data.parent / "s"), "public_url": "https://k.example"}
    environ = {"KUNDENBLICK_DATA": str(settings.data)}
    with_it = read_settings(environ, oidc_issuer="https://a.example", **given)
    assert (ensure_password_fallback(with_it), password_sign_in_allowed()) == (False, False)
    assert (ensure_password_fallback(read_settings(environ, oidc_issuer="https://b.example", **given)), password_sign_in_allowed()) == (
        True,
        True,
    )
    closed("https://a.example")
    assert (ensure_password_fallback(settings), password_sign_in_allowed()) == (True, True)
