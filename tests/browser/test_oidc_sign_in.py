"""Signing in by the firm's identity provider, in a real browser against a real provider, in both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from core.base.rights import Viewer
from core.identity.members import deactivate, set_password, set_role
from core.identity.second_factor import set_sign_in_rules
from core.operations.installation import open_installation
from core.store import close_store
from tests import forked
from tests.contexts import settled
from tests.oidc.running import RealProvider, configured
from tests.servers import Server, free_port
from tests.small_firm import PASSWORD, build_firm

pytestmark = pytest.mark.browser
SYSTEM = Viewer.system("tests")
NAME = "Kanzlei-Login <b>"
WORDS = {
    "de-DE": {
        "by": f"Mit {NAME} anmelden", "landed": "Heute", "leave": "Abmelden", "unknown": "gibt es hier keinen Zugang", "failed": "hat nicht geklappt", "another": "hat sich bisher jemand anderes angemeldet",
        "silent": "gerade nicht zu erreichen", "email": "E-Mail-Adresse", "password": "Passwort", "go": "Anmelden", "wrong": "passen nicht zusammen",
        "form": "Das Team meldet sich auch mit Passwort an", "first": "Noch hat sich keine Inhaberin", "contacts": "Anmeldung für Mandantinnen und Mandanten",
        "sign_in": "Anmeldung",
    },
    "en-GB": {
        "by": f"Sign in with {NAME}", "landed": "Today", "leave": "Sign out", "unknown": "has no access here", "failed": "did not work", "another": "somebody else has signed in",
        "silent": "cannot be reached", "email": "Email address", "password": "Password", "go": "Sign in", "wrong": "do not match",
        "form": "The team also signs in with passwords", "first": "No owner has signed in", "contacts": "Sign-in for clients", "sign_in": "Sign-in",
    },
}  # fmt: skip


REFUSED = (("nobody@kanzlei.example", "unknown"), ("unassigned@kanzlei.example", "unknown"), ("unverified:owner@kanzlei.example", "failed"))


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The app on a small firm, and the provider it knows."""
    data = tmp_path_factory.mktemp("provider") / "data"
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    provider = RealProvider(url)
    open_installation(configured(data, provider.issuer, provider.secret, url))
    firm = build_firm()
    for who in ("owner", "assigned"):
        set_password(SYSTEM, getattr(firm, who), PASSWORD)
    deactivate(SYSTEM, firm.unassigned)
    set_role(SYSTEM, firm.everything, "admin")
    set_sign_in_rules(SYSTEM, roles=("admin",))
    close_store()
    server = Server(data, port=port)
    server.provider, server.firm = provider, firm
    yield server
    server.stop()
    provider.stop()
    log = (data.parent / "server.log").read_text()
    assert provider.secret not in log
    assert "@kanzlei.example" not in log


@pytest.fixture
def browsers(browser: Browser, house):
    """A browser of its own for each person; none may see its content policy violated or our secret."""
    contexts, violations = [], []

    def another(locale: str) -> Page:
        context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 900})
        contexts.append(context)
        context.on(
            "console", lambda m: violations.append(m.text) if house.url in (m.location.get("url") or "") and "Policy" in m.text else None
        )
        return context.new_page()

    yield another
    for context in contexts:
        context.close()
    assert violations == []


def at_provider(page: Page, login: str) -> None:
    """Type the name in at the provider, whose page is not ours."""
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()


def go(page: Page, words: dict, login: str | None = None) -> None:
    page.get_by_role("link", name=words["by"], exact=True).click()
    if login:
        at_provider(page, login)


def leave(page: Page, words: dict, provider: RealProvider | None = None) -> None:
    """Out; who came by the provider is led there, says so once more, and comes back."""
    page.get_by_test_id("stSidebar").get_by_test_id("stPopover").get_by_role("button").click()
    page.get_by_role("button", name=words["leave"]).click()
    if provider:
        expect(page).to_have_url(re.compile(re.escape(provider.issuer)))
        page.locator("button[name=logout]").click()
    expect(page.get_by_role("link", name=words["by"], exact=True)).to_be_visible()


def type_password(page: Page, words: dict, who: str) -> None:
    form = page.get_by_test_id("stForm")
    form.get_by_label(words["email"]).fill(f"{who}@kanzlei.example")
    form.get_by_label(words["password"]).first.fill(PASSWORD)
    form.get_by_role("button", name=words["go"], exact=True).click()


def rules(page: Page, house: Server, words: dict) -> None:
    page.goto(f"{house.url}/settings")
    page.get_by_role("radio", name=words["sign_in"], exact=True).click()
    expect(page.get_by_text(house.provider.issuer)).to_be_visible()
    settled(page)


def turn_form(page: Page, words: dict) -> None:
    page.get_by_test_id("stCheckbox").filter(has_text=words["form"]).locator("label").click()


@pytest.mark.parametrize("locale", WORDS)
def test_the_provider_leads_in_and_passwords_can_be_given_up(browsers, house, locale):
    words = WORDS[locale]
    # Who stands nowhere, was sent away, or has an address nobody verified; one browser, asked anew each time.
    page = browsers(locale)
    page.goto(f"{house.url}/team")
    for login, said in REFUSED if locale == "de-DE" else REFUSED[:1]:
        go(page, words, login)
        expect(page.get_by_text(words[said])).to_be_visible()
        expect(page.get_by_text(NAME).first).to_be_visible()
    if locale == "de-DE":
        # An owner with a password may not give passwords up before somebody came by the provider.
        type_password(page, words, "owner")
        expect(page.get_by_role("heading", name=words["landed"], exact=True)).to_be_visible()
        rules(page, house, words)
        turn_form(page, words)
        expect(page.get_by_text(words["first"])).to_be_visible()
        leave(page, words)
    # By the provider, back to the page one came for; then the form can go, and clients keep theirs.
    page.goto(f"{house.url}/settings?oidc=failed")
    go(page, words, "owner@kanzlei.example")
    expect(page.get_by_role("radio", name=words["sign_in"], exact=True)).to_be_visible()
    assert page.url.startswith(f"{house.url}/settings")
    rules(page, house, words)
    expect(page.get_by_test_id("stCheckbox").filter(has_text=words["form"])).to_be_visible()
    given_up_and_taken_back(page, browsers(locale), house, words)
    # Another person who has the address now: one sentence, until it is let in.
    other = browsers(locale)
    other.goto(house.url)
    go(other, words, "another:owner@kanzlei.example")
    expect(other.get_by_text(words["another"])).to_be_visible()
    # The provider does not answer: one sentence; what nobody said is not said.
    last = browsers(locale)
    last.goto(f"{house.url}/?oidc=silent")
    expect(last.get_by_text(words["silent"])).to_be_visible()
    last.goto(f"{house.url}/?oidc={'<b>'}invented")
    expect(last.get_by_role("link", name=words["by"], exact=True)).to_be_visible()
    expect(last.get_by_text(re.compile("invented"))).to_have_count(0)


def given_up_and_taken_back(page: Page, other: Page, house: Server, words: dict) -> None:
    """Passwords of the team go with a switch, clients keep theirs, and the command on the server brings them back."""
    turn_form(page, words)
    expect(page.get_by_test_id("stCheckbox").filter(has_text=words["form"]).locator("input")).not_to_be_checked()
    expect(page.get_by_test_id("stToast")).to_be_visible()
    settled(page)
    leave(page, words, house.provider)
    other.goto(house.url)
    expect(other.get_by_text(words["contacts"])).to_be_visible()
    expect(other.get_by_test_id("stForm")).not_to_be_visible()
    settled(other)
    other.get_by_text(words["contacts"]).click()
    type_password(other, words, "assigned")
    expect(other.get_by_text(words["wrong"])).to_be_visible()
    # The command on the server always leads back.
    forked.run(["-m", "core", "user", "password-form"], {"KUNDENBLICK_DATA": str(house.data), "PATH": "/usr/bin:/bin"}).check_returncode()
    other.goto(house.url)
    type_password(other, words, "assigned")
    expect(other.get_by_role("heading", name=words["landed"], exact=True)).to_be_visible()


def test_our_own_factor_is_asked_for_behind_the_provider(browsers, house):
    page = browsers("de-DE")
    page.goto(house.url)
    go(page, WORDS["de-DE"], "everything@kanzlei.example")
    expect(page.get_by_text("Ihre Kanzlei verlangt einen zweiten Faktor")).to_be_visible()
    assert "step=" not in page.url
    page.reload()
    expect(page.get_by_role("link", name=WORDS["de-DE"]["by"], exact=True)).to_be_visible()
