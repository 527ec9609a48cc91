"""What does not agree is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.doctor import examine
from core.i18n import LANGUAGES, speaking, t
from core.imports.run import import_data
from core.members import add_member
from core.rights import Viewer
from core.store import writer
from core.widgets import cards

BREAKING = {
    "reference": "INSERT INTO account_tag VALUES ((SELECT min(account_id) FROM account), 77)",
    "version": "UPDATE account SET version = 0",
    "paid": "UPDATE invoice SET paid_amount = 1 WHERE number = '10248'",
    "state": "UPDATE account SET state = 'archived' WHERE number = 'ALFKI'",
    "number": "UPDATE account SET number = 'ALFKI'",
    "words": "DELETE FROM search_text",
    "figures": "UPDATE account_figure SET unread_count = 99",
    "card": "UPDATE overview_card SET card = '[[9' || substr(card, 3) WHERE widget = 'unpaid_invoices'",
    "owner": "UPDATE staff_member SET is_active = FALSE",
    "contact": "DELETE FROM account_contact",
    "file_missing": """INSERT INTO document (document_id, account_id, name, uploaded_at, is_from_client, file)
        SELECT 1, min(account_id), 'x', now()::TIMESTAMP, TRUE, 'nowhere.pdf' FROM account""",
}


def build_northwind(settings):
    add_member(Viewer.system("tests"), name="Olga Owner", email="olga@kanzlei.de", role="owner")
    assert import_data(settings, Path(__file__).parent / "data" / "northwind" / "northwind.toml", lambda line: None)
    cards.fill()


@pytest.fixture
def northwind(holding):
    return holding(build_northwind)


@pytest.mark.parametrize("code", BREAKING)
def test_each_finding(northwind, settings, code):
    assert list(examine(settings)) == []
    with writer(Viewer.system("tests")) as tx:
        tx.execute(BREAKING[code])
    found = dict(examine(settings))
    assert code in found
    for language in LANGUAGES:
        with speaking(language):
            assert t(f"cli.doctor.{code}", **found[code])


def test_an_unowned_file_is_told(northwind, settings):
    settings.documents.mkdir(parents=True, exist_ok=True)
    (settings.documents / "x.pdf").write_bytes(b"")
    assert dict(examine(settings))["file_unowned"]["example"] == "x.pdf"
