"""Signing in, staying signed in and leaving, in a real browser on the small firm."""

from __future__ import annotations

import os
import re
import time

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.base.config import read_settings
from core.clients.custom_fields import STARTER
from core.i18n import words_of
from core.operations.installation import open_installation
from core.store import close_store
from tests import forked
from tests.servers import Server
from tests.small_firm import PASSWORD

pytestmark = pytest.mark.browser
WORDS = {
    "de": {
        "email": "E-Mail-Adresse",
        "password": "Passwort",
        "go": "Anmelden",
        "wrong": "passen nicht zusammen",
        "landed": "Heute",
        "leave": "Abmelden",
    },
    "en": {
        "email": "Email address",
        "password": "Password",
        "go": "Sign in",
        "wrong": "do not match",
        "landed": "Today",
        "leave": "Sign out",
    },
}
DE = WORDS["de"]
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen


@pytest.fixture
def people(visit):
    """Browsers of people who are not signed in yet."""
    return lambda locale="de-DE": visit(None, None, locale=locale)


def fill(page: Page, who: str, password: str = PASSWORD, words: dict = DE) -> None:
    form = page.get_by_test_id("stForm")
    form.get_by_label(words["email"]).fill(f"{who}@kanzlei.example", timeout=SOON)
    form.get_by_label(words["password"]).first.fill(password)
    form.get_by_role("button", name=words["go"], exact=True).click()


def expect_in(page: Page, words: dict = DE) -> None:
    expect(page.get_by_role("heading", name=words["landed"], exact=True)).to_be_visible(timeout=SOON)


def expect_out(page: Page, timeout: int = SOON, words: dict = DE) -> None:
    expect(page.get_by_test_id("stForm").get_by_label(words["email"])).to_be_visible(timeout=timeout)
    expect(page.locator('[data-testid="stSidebar"] input')).to_have_count(0)
    assert "Müller" not in page.content()


def token_of(context: BrowserContext) -> dict:
    return next(cookie for cookie in context.cookies() if cookie["name"] == "kundenblick")


def leave(page: Page, words: dict = DE) -> None:
    page.get_by_test_id("stSidebar").get_by_test_id("stPopover").get_by_role("button").click()
    page.get_by_role("button", name=words["leave"]).click()


@pytest.mark.parametrize("code", ["de", "en"])
def test_wrong_then_right(people, small_server, code):
    words = WORDS[code]
    page = people({"de": "de-DE", "en": "en-GB"}[code])
    page.goto(small_server.url)
    fill(page, "owner", "falsch-und-noch-einmal", words)
    expect(page.get_by_text(words["wrong"])).to_be_visible(timeout=SOON)
    fill(page, "nobody", "falsch-und-noch-einmal", words)
    expect(page.get_by_text(words["wrong"])).to_be_visible(timeout=SOON)
    fill(page, "owner", words=words)
    expect_in(page, words)
    cookie = token_of(page.context)
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    assert "kundenblick" not in page.evaluate("document.cookie")
    assert page.evaluate("Object.values(localStorage).concat(Object.values(sessionStorage))").count(cookie["value"]) == 0
    leave(page, words)
    expect_out(page, words=words)
    assert httpx.get(small_server.url + "/media/x", cookies={"kundenblick": cookie["value"]}).status_code == 403


def test_reload_second_tab_and_restart_keep_it_and_leaving_ends_it_everywhere(people, small_server):
    page = people()
    page.goto(small_server.url)
    fill(page, "everything")
    expect_in(page)
    page.reload()
    expect_in(page)
    second = page.context.new_page()
    second.goto(small_server.url)
    expect_in(second)
    small_server.stop()
    small_server.start()
    page.reload()
    expect_in(page)
    second.reload()
    expect_in(second)
    cookie = token_of(page.context)
    leave(page)
    expect_out(page)
    expect_out(second, timeout=7000)
    thief = people()
    thief.context.add_cookies([cookie])
    thief.goto(small_server.url)
    expect_out(thief)


def test_a_deep_link_survives_the_sign_in(people, small_server):
    page = people()
    page.goto(f"{small_server.url}/overview?account={small_server.firm.own}")
    expect_out(page)
    fill(page, "assigned")
    expect(page.get_by_role("heading", name="Müller/Weber GbR")).to_be_visible(timeout=SOON)
    expect(page).to_have_url(re.compile(rf"/overview\?account={small_server.firm.own}$"))


def test_every_cold_address_is_the_sign_in(people, small_server):
    page = people()
    for path in ("/", "/accounts", "/overview", "/overview?account=1006", "/x/../overview", "/overview/x/y?account=1006"):
        page.goto(small_server.url + path)
        expect(page.get_by_test_id("stForm").get_by_label(DE["email"])).to_be_visible(timeout=SOON)
        assert page.get_by_text("Müller").count() == page.get_by_test_id("stDataFrame").count() == 0, path


def test_an_open_page_closes_within_five_seconds_when_its_member_is_deactivated(people, small_server):
    page = people()
    page.goto(small_server.url)
    fill(page, "unassigned")
    expect_in(page)
    environ = os.environ | {"KUNDENBLICK_DATA": str(small_server.data)}
    forked.run(["-m", "core", "user", "deactivate", "unassigned@kanzlei.example"], environ).check_returncode()
    expect_out(page, timeout=6000)
    fill(page, "unassigned")
    expect(page.get_by_text(DE["wrong"])).to_be_visible(timeout=SOON)


def test_the_first_owner_comes_in_by_the_link_printed_at_the_start(people, tmp_path):
    server = Server(tmp_path / "data")
    try:
        for _ in range(50):
            found = re.findall(r"http\S+\?first=\S+", (tmp_path / "server.log").read_text())
            if found:
                break
            time.sleep(0.1)
        english = people("en-GB")
        english.goto(found[0])
        offered = english.locator(".st-key-first-fields")
        expect(offered).to_contain_text(words_of("en")["sign_in.fields"], timeout=SOON)
        for _, label, *_ in STARTER:
            expect(offered).to_contain_text(label)
        page = people()
        page.goto(found[0])
        for label, value in (
            ("Name der Kanzlei", "Kanzlei Ärmel & Söhne"),
            ("Ihr Name", "Olga Owner"),
            (DE["email"], "olga@kanzlei.example"),
            (DE["password"], "kurz"),
        ):
            page.get_by_label(label, exact=True).fill(value, timeout=SOON)
        page.get_by_role("button", name="Einrichten und anmelden").click()
        expect(page.get_by_text("Das Passwort braucht 12")).to_be_visible(timeout=SOON)
        page.get_by_label(DE["password"], exact=True).fill(PASSWORD)
        # The usual fields are offered, all of them; one is taken away, and offered again later.
        page.locator(".st-key-first-fields").get_by_role("button").first.click()
        page.get_by_role("button", name="Einrichten und anmelden").click()
        expect_in(page)
        assert "first=" not in page.url
        page.goto(f"{server.url}/settings?section=fields")
        fields = page.locator('[data-testid="stHorizontalBlock"][class*="st-key-row-field-"]')
        expect(fields).to_have_count(len(STARTER) - 1, timeout=SOON)
        page.locator(".st-key-fields-starter button").click()
        expect(page.get_by_test_id("stDialog").get_by_role("checkbox")).to_have_count(1, timeout=SOON)
        page.get_by_test_id("stDialog").get_by_role("button", name="Anlegen", exact=True).click()
        expect(fields).to_have_count(len(STARTER), timeout=SOON)
        late = people()
        late.goto(found[0])
        expect(late.get_by_text("Diese Kanzlei ist schon eingerichtet")).to_be_visible(timeout=SOON)
    finally:
        server.stop()


def test_after_an_import_the_first_link_names_the_firm_until_somebody_is_owner(people, tmp_path):
    environ = os.environ | {"KUNDENBLICK_DATA": str(tmp_path / "data")}
    core = ["-m", "core"]
    forked.run([*core, "import", "tests/data/northwind/northwind.toml"], environ).check_returncode()
    forked.run([*core, "firm", "Northwind & Söhne"], environ).check_returncode()
    server = Server(tmp_path / "data")
    try:
        for _ in range(50):
            if found := re.findall(r"http\S+\?first=\S+", (tmp_path / "server.log").read_text()):
                break
            time.sleep(0.1)
        page = people()
        page.goto(found[0])
        expect(page.get_by_role("heading", name="Northwind & Söhne")).to_be_visible(timeout=SOON)
        expect(page.get_by_label("Name der Kanzlei", exact=True)).to_have_count(0)
        add = [*core, "user", "add", "Olga", "olga@kanzlei.example", "--role", "owner", "--password-stdin"]
        forked.run(add, environ, PASSWORD).check_returncode()
        page.goto(found[0])
        expect(page.get_by_text("Diese Kanzlei ist schon eingerichtet")).to_be_visible(timeout=SOON)
        expect(page.get_by_label(DE["password"], exact=True)).to_have_count(0)
        page.goto(server.url)
        page.get_by_label(DE["email"], exact=True).fill("olga@kanzlei.example", timeout=SOON)
        page.get_by_label(DE["password"], exact=True).fill(PASSWORD)
        page.get_by_role("button", name=DE["go"]).click()
        expect_in(page)
        page.goto(f"{server.url}/settings")
        page.get_by_text("Anmeldung", exact=True).click(timeout=SOON)
        expect(page.get_by_text("Zweiter Faktor", exact=True)).to_be_visible(timeout=SOON)
    finally:
        server.stop()


def test_a_taken_store_is_said_and_the_page_goes_on_by_itself(people, tmp_path):
    close_store()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(tmp_path / "data")}))
    server = Server(tmp_path / "data", health=503)
    try:
        page = people()
        page.goto(server.url)
        expect(page.get_by_text(f"Prozess {os.getpid()}")).to_be_visible(timeout=SOON)
        close_store()
        expect(page.get_by_text("Noch nicht eingerichtet")).to_be_visible(timeout=SOON)
    finally:
        close_store()
        server.stop()
