"""In a real browser, German and English: a known contact linked and taken off, a client archived, restored and deleted; a contact and
its addresses changed, and the three ways out for an address without a contact."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.base.config import read_settings
from core.base.contact_points import JOINER
from core.base.rights import Viewer
from core.i18n import words_of
from core.identity.sessions import start_session
from core.operations.installation import open_installation
from core.store import close_store, now, writer
from tests.contexts import settled
from tests.servers import Server
from tests.small_firm import build_firm

pytestmark = pytest.mark.browser
SOON = 30000
WORDS = {
    "de-DE": {
        "alike": "So heißt auch: Maria Müller · zweite@\u2060mueller.example · hier schon verknüpft", "relation": "Beziehung zum Kunden",
        "link": "Verknüpfen", "confirm": "Ja, endgültig löschen", "unlink": "Verknüpfung aufheben", "archive": "Archivieren",
        "restore": "Wiederherstellen", "delete": "Löschen", "typed": "Name des Kunden zur Bestätigung",
        "wrong": "Zum Löschen tippen Sie den Namen genau so ein: Schmidt Straßenbau",
    },
    "en-GB": {
        "alike": "Maria Müller · dritte@\u2060mueller.example · linked here already", "relation": "Relation to the client",
        "link": "Link", "confirm": "Yes, delete for good", "unlink": "Unlink", "archive": "Archive", "restore": "Restore",
        "delete": "Delete", "typed": "The client's name, to confirm", "wrong": "To delete, type the name exactly like this: Leer AG",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The small firm; its two other clients each have somebody assigned, and a contact who is called like the known one."""
    data = tmp_path_factory.mktemp("linking") / "data"
    close_store()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(data)}))
    firm = build_firm()
    with writer(Viewer.system("tests")) as tx:
        for place, account in enumerate((firm.foreign, firm.empty)):
            contact = tx.insert("contact", name="Maria Müller", created_at=now())
            tx.insert("account_contact", account_id=account, contact_id=contact, created_at=now())
            tx.insert("assignment", account_id=account, staff_member_id=firm.unassigned, created_at=now())
            email = f"{'zweite' if place == 0 else 'dritte'}@mueller.example"
            tx.insert("contact_email", contact_id=contact, email=email, is_primary=True, created_at=now())
        posts = {code: _with_addresses(tx, firm.own, code) for code in ("de", "en")}
    tokens = {who: start_session(getattr(firm, who), "127.0.0.1", "test") for who in ("owner", "everything")}
    close_store()
    running = Server(data)
    running.firm, running.tokens, running.posts = firm, tokens, posts
    yield running
    running.stop()


def _with_addresses(tx, other: int, code: str) -> int:
    """A client whose one contact has a primary address and three with access, and belongs to another client too; the other contact has none."""
    account = tx.insert("account", number=f"20{code}", name=f"Post {code}", created_at=now())
    for name, accounts in ((f"Paula {code}", (account, other)), (f"Quirin {code}", (account,))):
        contact = tx.insert("contact", name=name, created_at=now())
        for linked in accounts:
            tx.insert("account_contact", account_id=linked, contact_id=contact, created_at=now())
        for place in range(4 if len(accounts) == 2 else 0):
            email = tx.insert(
                "contact_email", contact_id=contact, email=f"p{place}@{code}.example", is_primary=place == 0, created_at=now()
            )
            if place:
                tx.insert(
                    "email_access", account_id=account, contact_id=contact, contact_email_id=email, login=True, first_login_at=now()
                )  # fmt: skip
    return account


def choose(page: Page, menu: str, way: str) -> None:
    """Open a menu and take one way of it."""
    settled(page)
    page.locator(f'[class*="st-key-{menu}"] button:visible').first.click(timeout=SOON)
    page.get_by_text(way, exact=True).last.click(timeout=SOON)


@pytest.mark.parametrize("locale", WORDS)
def test_link_unlink_archive_restore_delete(visit, server, locale):
    words, say = WORDS[locale], words_of(locale[:2])
    account = server.firm.foreign if locale == "de-DE" else server.firm.empty
    name = "Schmidt Straßenbau" if locale == "de-DE" else "Leer AG"
    page = visit(server, "owner", f"/info?account={account}", locale)
    dialog = page.get_by_test_id("stDialog")

    page.locator(".st-key-contact-link button").click(timeout=SOON)
    dialog.locator("input").first.fill("maria@")
    dialog.get_by_text("Maria Müller · maria@\u2060mueller.example").click(timeout=SOON)
    expect(dialog).to_contain_text(words["alike"], timeout=SOON)
    dialog.get_by_role("textbox", name=words["relation"]).fill("Kind")
    settled(page)
    dialog.get_by_role("button", name=words["link"], exact=True).click()
    expect(dialog).to_be_hidden(timeout=SOON)
    cards = page.locator('[class*="st-key-contact-"]').filter(has_text="maria@mueller.example")
    expect(cards.first).to_contain_text("Kind", timeout=SOON)

    choose(page, f"menu-contact-{server.firm.contact}", words["unlink"])
    settled(page)
    dialog.get_by_role("button", name=words["unlink"], exact=True).click(timeout=SOON)
    expect(dialog).to_be_hidden(timeout=SOON)
    expect(page.get_by_text("maria@mueller.example")).to_have_count(0, timeout=SOON)

    for way in ("archive", "restore"):
        choose(page, f"more-{account}", words[way])
        settled(page)
        dialog.get_by_role("button", name=words[way], exact=True).click(timeout=SOON)
        expect(dialog).to_be_hidden(timeout=SOON)

    other = visit(server, "everything", f"/info?account={account}", locale) if locale == "de-DE" else None
    if other:  # somebody else has the client's form open meanwhile
        other.locator(".st-key-edit-details button").click(timeout=SOON)
        typed = other.get_by_test_id("stDialog").get_by_label(f"{say['accounts.name']} *", exact=True)
        typed.fill("Noch nicht gespeichert")
        typed.press("Tab")

    choose(page, f"more-{account}", words["delete"])
    dialog.get_by_role("textbox", name=words["typed"]).fill(name[:-1])
    settled(page)
    dialog.get_by_role("button", name=words["delete"], exact=True).click()
    expect(dialog).to_contain_text(words["wrong"], timeout=SOON)
    dialog.get_by_role("textbox", name=words["typed"]).fill(name)
    settled(page)
    dialog.get_by_role("button", name=words["delete"], exact=True).click()
    expect(dialog).to_contain_text(say["consequences.title"], timeout=SOON)
    settled(page)
    dialog.get_by_role("button", name=words["confirm"], exact=True).click(timeout=SOON)
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=SOON)
    if other:
        expect(other.get_by_text(say["form.client_gone"])).to_be_visible(timeout=SOON)
        expect(other.get_by_text(f"{say['accounts.name']}: Noch nicht gespeichert")).to_be_visible()
    page.goto(f"{server.url}/info?account={account}")
    expect(page.get_by_text(say["errors.account_not_found"])).to_be_visible(timeout=SOON)
    expect(page.locator(".st-key-contact-link")).to_have_count(0)


def press(page: Page, word: str) -> None:
    settled(page)
    page.get_by_test_id("stDialog").get_by_role("button", name=page.say[word], exact=True).click(timeout=SOON)


def gone(page: Page) -> None:
    expect(page.get_by_test_id("stDialog")).to_have_count(0, timeout=SOON)


def menu(page: Page, kind: str, of: str, way: str) -> None:
    """The menu of a contact or of an address, and one way of it."""
    settled(page)
    block = ':is([data-testid="stVerticalBlock"], [data-testid="stHorizontalBlock"])'
    part = page.locator(f'{block}[class*="st-key-{kind}-"]', has=page.get_by_text(of, exact=True)).last
    part.locator(f'[class*="st-key-menu-{kind}-"] button:visible').first.click(timeout=SOON)
    page.get_by_text(page.say[way], exact=True).last.click(timeout=SOON)


@pytest.mark.parametrize("locale", WORDS)
def test_a_contact_is_edited_and_its_addresses_go_their_three_ways(visit, server, locale):
    code = locale[:2]
    page = visit(server, "owner", f"/info?account={server.posts[code]}", locale)
    page.say = words_of(code)
    dialog = page.get_by_test_id("stDialog")
    if code == "de":  # the related client, there and back
        page.locator(".st-key-card-related").get_by_role("button", name="Müller/Weber GbR").click(timeout=SOON)
        expect(page.locator(".st-key-account-bar").get_by_role("heading", name="Müller/Weber GbR")).to_be_visible(timeout=SOON)
        page.go_back()
        expect(page.locator(".st-key-account-bar").get_by_role("heading", name="Post de")).to_be_visible(timeout=SOON)
        menu(page, "contact", f"Paula {code}", "info.contact_edit")
        expect(dialog.get_by_text(page.say["info.also_linked"].format(names="Müller/Weber GbR"))).to_be_visible(timeout=SOON)
        phone = dialog.get_by_label(page.say["info.phone"], exact=True)
        phone.fill("0421 12345")
        phone.press("Tab")
        press(page, "common.save")
        gone(page)
        expect(page.locator('[class*="st-key-contact-"]').filter(has_text="+49 421 12345").first).to_be_visible(timeout=SOON)
    else:
        paste_a_list(page, code)

    menu(page, "address", f"p1@{code}.example", "info.email_primary")
    head = page.locator('[class*="st-key-address-"]', has=page.get_by_text(f"p1@{code}.example", exact=True)).last
    expect(head.get_by_text(page.say["info.primary"], exact=True)).to_be_visible(timeout=SOON)
    three_ways_out(page, code)


def paste_a_list(page: Page, code: str) -> None:
    """Into the form of a new contact: first with an address that is somebody's, which is named, then without."""
    dialog = page.get_by_test_id("stDialog")
    page.locator(".st-key-contact-create button").click(timeout=SOON)
    emails = dialog.get_by_role("textbox", name=page.say["info.emails"], exact=True)
    dialog.get_by_label(f"{page.say['info.name']} *", exact=True).fill(f"Rita {code}")
    for taken in (f"p1@{code}.example", ""):
        emails.fill(f"Rita <r1@{code}.example>; r2@{code}.example, {taken}")
        emails.press("Tab")
        listed = ", ".join(filter(None, (f"r1@{code}.example", f"r2@{code}.example", taken))).replace("@", f"@{JOINER}")
        question = page.say["info.several_emails"].format(n=3 if taken else 2, emails=listed)
        expect(dialog.get_by_text(question)).to_be_visible(timeout=SOON)
        press(page, "common.save")
        if taken:
            problem = page.say["errors.email_of_list"].split("{email}")[1].split(".")[0]
            expect(dialog.get_by_text(f"{taken.replace('@', '@' + JOINER)}{problem}")).to_be_visible(timeout=SOON)
    gone(page)
    expect(page.get_by_text(f"r2@{code}.example", exact=True)).to_be_visible(timeout=SOON)


def three_ways_out(page: Page, code: str) -> None:
    """Three addresses with access are taken off their contact; one is deleted, one switched off, one given to another contact."""
    dialog, orphans = page.get_by_test_id("stDialog"), page.locator(".st-key-card-orphans")
    for place, way in ((1, "delete"), (2, "switch_off"), (3, "give")):
        email = f"p{place}@{code}.example"
        menu(page, "address", email, "info.email_remove")
        expect(dialog.get_by_text(page.say["info.email_remove_access"].format(email=email))).to_be_visible(timeout=SOON)
        press(page, "info.email_remove")
        gone(page)
        row = orphans.locator('[data-testid="stVerticalBlock"][class*="st-key-orphan-"]').filter(has_text=email)
        expect(row).to_be_visible(timeout=SOON)
        settled(page)
        row.get_by_role("button", name=page.say[f"info.orphan_{way}"], exact=True).click(timeout=SOON)
        expect(dialog.get_by_text(page.say[f"info.orphan_{way}_hint"].format(email=email))).to_be_visible(timeout=SOON)
        if way == "give":
            dialog.get_by_role("combobox").click()
            page.get_by_role("option", name=f"Quirin {code}", exact=True).click()
            press(page, "info.orphan_give")
            expect(dialog.get_by_text(page.say["consequences.title"])).to_be_visible(timeout=SOON)
        press(page, f"info.orphan_{way}{'_confirm' if way == 'give' else ''}")
        gone(page)
        if way == "switch_off":
            expect(row).to_contain_text(page.say["info.orphan_nothing"], timeout=SOON)
        else:
            expect(row).to_have_count(0, timeout=SOON)
    quirin = page.locator('[data-testid="stVerticalBlock"][class*="st-key-contact-"]').filter(has_text=f"Quirin {code}").last
    expect(quirin).to_contain_text(f"p3@{code}.example")
