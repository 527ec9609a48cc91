"""In a real browser: what an installation may lack, a mail's subject and the firm itself, is told and breaks nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from core.base.config import read_settings
from core.base.rights import Viewer
from core.i18n import words_of
from core.identity.sessions import start_session
from core.operations.installation import open_installation
from core.store import close_store, now, writer
from tests.contexts import click_row
from tests.servers import Server
from tests.small_firm import build_firm

pytestmark = pytest.mark.browser
SOON = 30000


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The small firm, without its own row, and with one mail that has no subject."""
    data = tmp_path_factory.mktemp("left-out") / "data"
    close_store()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(data)}))
    firm = build_firm()
    with writer(Viewer.system("tests")) as tx:
        tx.execute("DELETE FROM firm")
        tx.execute("DELETE FROM email WHERE account_id = $id", {"id": firm.own})
        tx.insert(
            "email", account_id=firm.own, subject="", from_address="maria@mueller.example", to_address="team@kanzlei.example", sent_at=now(),
            direction="received", is_read=False, has_failed=False, body="Anbei der Beleg.",
        )  # fmt: skip
    tokens = {"owner": start_session(firm.owner, "127.0.0.1", "test")}
    close_store()
    running = Server(data)
    running.firm, running.tokens = firm, tokens
    yield running
    running.stop()


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_a_mail_without_a_subject_opens_with_a_title(visit, server, locale):
    words = words_of(locale[:2])
    page = visit(server, "owner", f"/overview?account={server.firm.own}", locale)
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=SOON)
    click_row(page.locator(".st-key-card-emails .dvn-scroller"), 100)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(words["widgets.open.no_subject"], timeout=SOON)
    expect(dialog).to_contain_text("Anbei der Beleg.")


def test_the_settings_say_how_a_firm_without_a_name_gets_one(visit, server):
    page = visit(server, "owner", "/settings", "de-DE")
    page.get_by_text("Anmeldung", exact=True).click(timeout=SOON)
    expect(page.get_by_text("python -m core firm NAME")).to_be_visible(timeout=SOON)
