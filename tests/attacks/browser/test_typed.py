"""Hostile text and a megabyte typed into every place one can type into, in Chromium: it stays text, and nothing else happens.

Every place: each call of an input in ``core/ui`` and ``pages`` must have drawn an input that was filled here (``tests/attacks/inputs.py`` finds
them and names those left out, with the reason), and each form must have been opened. 0 scripts run, 0 foreign requests, 0 violations of
our policy, no element made of text, no error page.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as TooSlow

from core.overview.catalogue import CATALOGUE
from tests.attacks.hostile import HOSTILE, KEY, PAGES, at, clean, page_of, press_on, settled, type_everywhere, type_long
from tests.attacks.hostile_house import NotingServer, openings
from tests.attacks.inputs import forms, wanted
from tests.attacks.size import FULL
from tests.pictures import quarters
from tests.small_firm import PASSWORD

pytestmark = pytest.mark.browser
NAME = "<img id=owned src=x onerror=window.owned=1>**owned**.png"


def picture() -> bytes:
    out = io.BytesIO()
    quarters().save(out, "PNG")
    return out.getvalue()


def give_files(page: Page, scope) -> set[str]:
    """A file with a hostile name that is no picture, then one that is; returns the keys of the places that took one."""
    met = set()
    for content in (b"<script>window.owned=1</script>", picture()):
        places = scope.locator("input[type=file]")
        if not places.count():
            break
        if key := places.first.evaluate(KEY):
            met.add(key)
        places.first.set_input_files({"name": NAME, "mimeType": "image/png", "buffer": content})
        settled(page)
        clean(page, "a file")
    return met


def fill_form(page: Page, scope, where: object, text: str) -> set[str]:
    """Type into all of it, also into what other choices of its switches draw; returns the keys met."""
    met = type_everywhere(page, scope, text)
    ways = scope.locator('[data-testid="stButtonGroup"] button:visible')
    for place in range(ways.count()):
        with contextlib.suppress(TooSlow):
            ways.nth(place).click(timeout=5_000)
            settled(page)
            met |= type_everywhere(page, scope, text)
    settled(page)
    clean(page, where)
    return met


def through_form(page: Page, house, name: str, over: str, about: dict) -> set[str]:
    """Open a form, type into it, save, type a megabyte, save."""
    way = page_of(house, over)
    at(page, f"{way}{'&' if '?' in way else '?'}open={name}&about={quote(json.dumps(about))}")
    dialog = page.get_by_test_id("stDialog")
    # The dialog stands there before what is in it.
    expect(dialog.locator("button:visible, input:visible").first).to_be_visible(timeout=60_000)
    settled(page)
    expect(dialog.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
    met = give_files(page, dialog) | fill_form(page, dialog, name, HOSTILE)
    for turn in (1, 2) if met else ():
        if dialog.count():
            if turn == 2:
                type_long(page, dialog)
            press_on(page, dialog)
            clean(page, (name, turn))
    return met


def on_page(page: Page, where: str) -> set[str]:
    """Type into a page itself, and into what opens over it without being a form."""
    at(page, where)
    # A dialog stands beside the app in the document, not in it.
    app, met = page.get_by_test_id("stDialog" if "&list=" in where else "stApp"), set()
    # A second look, for what was drawn anew or came late.
    for _ in range(2 if FULL else 1):
        met |= type_everywhere(page, app, HOSTILE)
        page.keyboard.press("Enter")
        settled(page)
        clean(page, where)
    if FULL:
        type_long(page, app)
        clean(page, where)
    at(page, where)
    for place in range(0 if "&list=" in where else page.locator('[data-testid="stPopover"] button:visible').count()):
        page.locator('[data-testid="stPopover"] button:visible').nth(place).click(timeout=30_000)
        inside = page.locator('[data-testid="stPopoverBody"]:visible').first
        with contextlib.suppress(TooSlow):
            inside.wait_for(timeout=10_000)
            settled(page)
            # What has to be read from the server first stands there a moment later; what is folded away is unfolded.
            with contextlib.suppress(TooSlow):
                inside.locator("input:visible").first.wait_for(timeout=5_000)
            for folded in range(inside.locator("summary:visible").count()):
                inside.locator("summary:visible").nth(folded).click()
                settled(page)
                inside.locator("details[open] input:visible").first.wait_for()
            met |= type_everywhere(page, inside, HOSTILE)
            page.keyboard.press("Enter")
            settled(page)
            clean(page, (where, "popover", place))
        at(page, where)
    return met


def stranger(page: Page, where: str) -> set[str]:
    """What the sign-in shows at an address, typed into and sent twice."""
    at(page, where)
    clean(page, where)
    met = set()
    for turn in (1, 2):
        if turn == 1:
            met |= type_everywhere(page, page.get_by_test_id("stApp"), HOSTILE)
        else:
            type_long(page, page.get_by_test_id("stApp"))
        page.keyboard.press("Enter")
        press_on(page, page.get_by_test_id("stApp"))
        clean(page, where)
    return met


def after_password(page: Page, house, who: str) -> set[str]:
    """The step behind the password: a code, or the set-up of a second factor."""
    at(page, house.url)
    form = page.get_by_test_id("stForm")
    form.get_by_label("E-Mail-Adresse").fill(f"{who}@kanzlei.example")
    form.get_by_label("Passwort").first.fill(PASSWORD)
    form.get_by_role("button", name="Anmelden", exact=True).click()
    expect(page.locator('[class*="st-key-"][class*="code"] input')).to_be_visible(timeout=60_000)
    settled(page)
    met = type_everywhere(page, page.get_by_test_id("stApp"), HOSTILE)
    press_on(page, page.get_by_test_id("stApp"))
    clean(page, who)
    return met


# What a stranger's address can hold, hostile itself.
ASKED = ("", "?first={0}", "?join={0}", "?invitation={0}", "?reset={0}", "?account={0}", "?oidc={0}", "?step={0}")


def test_every_form_is_known_to_this_attack(house):
    assert set(openings(house)) == forms(), "openings() says over which page a form stands and what it is about"


@pytest.mark.parametrize("who", ["stranger", "pages", "forms"])
def test_what_is_typed_stays_text(person, house, who):
    """In the ordinary run a few of each; whole, every place there is must be met (asserted in the last part, when all ran)."""
    met = house.__dict__.setdefault("typed_into", set())
    own = house.house
    if who == "stranger":
        page = person(None)
        for query in ASKED if FULL else ("?reset={0}",):
            met |= stranger(page, f"{house.url}/{query.format(quote(HOSTILE))}")
        if FULL:
            for query in (f"?reset={own.reset}", f"?join={own.join}", f"?invitation={own.invitation}"):
                met |= stranger(page, f"{house.url}/{query}")
            for somebody in ("everything", "unassigned"):
                met |= after_password(person(None), house, somebody)
            page = person(None)
            at(page, house.url)
            page.locator(".st-key-forgotten-open button").click()
            expect(page.locator(".st-key-forgotten-email input")).to_be_visible()
            met |= type_everywhere(page, page.get_by_test_id("stApp"), HOSTILE)
            press_on(page, page.get_by_test_id("stApp"))
            clean(page, "forgotten")
    elif who == "pages":
        page = person(own.token)
        sections = [f"{house.url}/settings#{place}" for place in range(4)]
        lists = [f"{page_of(house, 'overview')}&list={widget.key}" for widget in CATALOGUE]
        member = f"{house.url}/team?member={house.firm.assigned}"
        places = [*(page_of(house, name) for name in PAGES if name != "settings"), *sections, *lists, member]
        for where in places if FULL else (page_of(house, "audit"),):
            met |= on_page(page, where)
    else:
        page, every = person(own.token), openings(house)
        for name in every if FULL else ("member_invite", "photo"):
            met |= through_form(page, house, name, *every[name])
        assert len(house.met(met)) >= 3
        if FULL:
            print(f"{len(met)} inputs filled, drawn by {len(house.met(met))} of {len(wanted())} calls, {len(every)} forms opened")


def test_every_place_one_can_type_into_was_met(person, house, tmp_path):
    """The first owner's form stands in a firm without people: a server of its own; then nothing may be missing."""
    if not FULL:
        pytest.skip("the ordinary run types into a part of them; make attacks into all")
    empty = NotingServer(tmp_path / "data")
    try:
        [token] = re.findall(r"\?first=([\w-]+)", (tmp_path / "server.log").read_text("utf-8"))
        met = empty.met(stranger(person(None, empty), f"{empty.url}/?first={token}"))
    finally:
        empty.stop()
    assert wanted() - house.met(house.typed_into) - met == set()
