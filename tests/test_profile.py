"""Mein Zugang and the steps of the sign-in, drawn without a browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyotp
import pytest
from streamlit.testing.v1 import AppTest

from core.base.config import read_settings
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.identity import throttle
from core.identity.members import set_password
from core.identity.password_change import make_reset_link
from core.identity.second_factor import set_second_factor, set_sign_in_rules
from core.identity.sessions import start_session
from core.store import reader
from core.ui.parts import viewer as page_viewer
from core.ui.sign_in import second_factor

ROOT = Path(__file__).parents[1]
SYSTEM, WORDS = Viewer.system("tests"), "eine-laterne-im-regen"


@pytest.fixture
def entered(firm, monkeypatch):
    """Who was let in: the tickets' viewers; everybody has a password."""
    throttle._counts.clear()
    monkeypatch.chdir(ROOT)
    who: list[Viewer] = []
    monkeypatch.setattr(second_factor, "mint", lambda begun, back, subject=None: who.append(begun.viewer) or "ticket")
    for place in ("core.ui.sign_in.page", "core.ui.sign_in.second_factor"):
        monkeypatch.setattr(f"{place}.browser_hash", lambda: None)
    monkeypatch.setattr("core.ui.sign_in.page.network_address", lambda: "10.0.0.9")
    for member in (firm.owner, firm.assigned):
        set_password(SYSTEM, member, WORDS)
    yield who
    throttle._counts.clear()


def frame() -> AppTest:
    return AppTest.from_file(str(ROOT / "core/ui/frame.py"), default_timeout=60)


def sign_in(who: str, password: str = WORDS) -> AppTest:
    at = frame().run()
    at.text_input[0].input(f"{who}@kanzlei.example")
    at.text_input[1].input(password)
    return at.button[0].click().run()


def test_the_password_alone_enters_nobody_who_has_a_factor(firm, entered):
    secret = pyotp.random_base32()
    codes = set_second_factor(Viewer.staff(firm.assigned), secret, pyotp.TOTP(secret).now())
    at = sign_in("assigned")
    assert (entered, [field.label for field in at.text_input]) == ([], ["Code"])
    at.text_input[0].input("000000")
    at.button[0].click().run()
    assert (entered, len(at.error)) == ([], 1)
    at.text_input[0].input(codes[0])
    at.button[0].click().run()
    assert entered == [Viewer.staff(firm.assigned)]


def test_a_role_that_needs_one_sets_it_up_before_anything_else(firm, entered):
    set_sign_in_rules(SYSTEM, roles=("employee",))
    at = sign_in("assigned")
    assert entered == []
    secret = at.code[0].value.replace(" ", "")
    at.text_input[0].input(pyotp.TOTP(secret).now())
    at.button[0].click().run()
    assert (entered, len(at.code[0].value.split())) == ([], 10)
    at.button[0].click().run()
    assert entered == [Viewer.staff(firm.assigned)]
    sign_in("owner")
    assert entered[1:] == [Viewer.staff(firm.owner)]


def test_one_who_waits_too_long_types_the_password_again(firm, entered, monkeypatch):
    monkeypatch.setattr(second_factor, "SECOND_STEP_TTL_S", -1)
    set_sign_in_rules(SYSTEM, roles=("employee",))
    at = sign_in("assigned")
    assert (entered, [field.label for field in at.text_input]) == ([], ["E-Mail-Adresse", "Passwort"])


def test_the_own_page_lists_sessions_and_changes_password_and_language(firm, entered, monkeypatch):
    token = start_session(firm.owner, "10.0.0.7", "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0")
    start_session(firm.owner, "10.0.0.8", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1")
    monkeypatch.setattr(page_viewer, "token_hash", lambda: hash_token(token))
    monkeypatch.setattr("core.ui.sign_in.profile.token_hash", lambda: hash_token(token))
    at = frame().run()
    at.switch_page("../../pages/profile.py").run()
    html = " ".join(str(element.proto.body) for element in at.get("html"))
    assert not at.exception
    assert html.index("Firefox auf Linux") < html.index("diese Anmeldung") < html.index("Safari auf iPhone")
    assert "10.0.0.7" in html and "10.0.0.8" in html
    next(button for button in at.button if button.key == "end-others").click().run()
    assert any("nur hier" in text.value for text in at.caption)
    old, new = (field for field in at.text_input if field.key.startswith(("old-", "new-")))
    old.input("falsch")
    new.input("zwei-laternen-im-schnee")
    at.button(key="FormSubmitter:own-password-0-Passwort ändern").click().run()
    assert any("nicht Ihr bisheriges" in text.value for text in at.caption)
    at.text_input(key="old-0").input(WORDS)
    at.text_input(key="new-0").input("zwei-laternen-im-schnee")
    at.button(key="FormSubmitter:own-password-0-Passwort ändern").click().run()
    assert [text.value for text in at.success] == ["Das Passwort ist geändert. Alle anderen Anmeldungen sind beendet."]
    at.switch_page("../../pages/settings.py").run()
    at.button_group(key="settings-section").set_value("sign_in").run()
    assert not at.exception
    next(toggle for toggle in at.toggle if toggle.key.startswith("factor-role-admin")).set_value(True).run()
    with reader(SYSTEM) as r:
        assert r.value("SELECT second_factor_roles FROM firm") == "admin"
    at.switch_page("../../pages/profile.py").run()
    at.radio[0].set_value("en").run()
    assert at.header[0].value == "My access"


def test_a_forgotten_password_is_asked_for_and_the_answer_tells_nothing(firm, entered, monkeypatch):
    mailed = replace(read_settings(), smtp_host="mail.example", smtp_sender="a@b.example", public_url="https://kanzlei.example")
    asked = []
    monkeypatch.setattr("core.ui.sign_in.password_reset.read_settings", lambda: mailed)
    monkeypatch.setattr("core.ui.sign_in.password_reset.network_address", lambda: "10.0.0.9")
    monkeypatch.setattr("core.ui.sign_in.password_reset.request_reset", lambda settings, email, address: asked.append(email))
    at = frame().run()
    at.button(key="forgotten-open").click().run()
    assert [field.label for field in at.text_input] == ["E-Mail-Adresse"]
    answers = set()
    for email in ("owner@kanzlei.example", "niemand@nirgends.example"):
        at.text_input[0].input(email)
        at.button[0].click().run()
        answers.add(tuple(text.value for text in at.success))
    assert len(answers) == 1 and asked == ["owner@kanzlei.example", "niemand@nirgends.example"]
    at.button(key="forgotten-back").click().run()
    assert len(at.text_input) == 2


def test_a_reset_link_leads_past_the_second_factor_only_with_a_code(firm, entered):
    secret = pyotp.random_base32()
    set_second_factor(Viewer.staff(firm.assigned), secret, pyotp.TOTP(secret).now())
    at = frame()
    at.query_params["reset"] = make_reset_link(Viewer.staff(firm.owner), firm.assigned)
    at.run()
    at.text_input[0].input("kurz")
    at.button[0].click().run()
    assert len(at.error) == 1
    at.text_input[0].input("zwei-laternen-im-schnee")
    at.button[0].click().run()
    assert (entered, [field.label for field in at.text_input]) == ([], ["Code"])
    late = frame()
    late.query_params["reset"] = "x" * 43
    late.run()
    assert [text.value[:17] for text in late.warning] == ["Dieser Link ist a"] and not late.text_input
