"""A contact's session opens the own small page and nothing else: every route, every page, every question to the store."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.base.errors import AccountNotFound
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.clients.account_record import archive_account
from core.clients.contacts import create_contact, unlink_contact
from core.identity.contact_portal import own_accounts
from core.identity.sessions import start_session
from core.store import now, reader, writer
from core.store.tables import TABLES
from core.ui.parts import viewer as page_viewer
from core.web import export_downloads
from core.web.change_poll import state_of
from core.web.routes import routes

ROOT = Path(__file__).parents[1]
PAGES = [file.stem for file in sorted((ROOT / "pages").glob("*.py"))]
SYSTEM = Viewer.system("tests")
# What a contact reads: the own account's row and photo, the firm's name, and nothing of the rest.
READS = {"firm": 1, "account": 1, "photo": 1}


@pytest.fixture
def door(firm, settings):
    """The contact's session, with a photo at the own and at a foreign account."""
    settings.photos.mkdir(parents=True)
    settings.documents.mkdir(parents=True)
    (settings.documents / "eigenes.txt").write_text("geheim")
    with writer(SYSTEM) as tx:
        for name, account in (("own", firm.own), ("foreign", firm.foreign)):
            Image.new("RGB", (512, 512), "teal").save(settings.photos / f"{name}.webp")
            photo = tx.insert("photo", account_id=account, file=f"{name}.webp", sha256="x", created_at=now())
            tx.update("account", account, photo_id=photo)
            setattr(firm, f"{name}_photo", photo)
    firm.token = start_session(Viewer.contact(firm.address), "127.0.0.1", "test")
    return firm


@pytest.fixture
def signed_in(door, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(page_viewer, "token_hash", lambda: hash_token(door.token))
    return door


def test_every_route_but_the_own_photo_is_closed(door, shell, settings):
    client: TestClient = shell(kundenblick=door.token)
    offered = export_downloads.offer(Viewer.contact(door.address), "x.csv", "text/csv", lambda: b"x")
    answers = {
        "/document/{id}": [f"/document/{door.document}", f"/document/{door.foreign_document}", "/document/999999"],
        "/photo/{id}": [f"/photo/{door.foreign_photo}", "/photo/999999"],
        "/export/{id}": [f"/export/{offered}", "/export/erfunden"],
        "/search": ["/search", "/search?quick"],
        "/metrics": ["/metrics"],
        "/import/file": ["/import/file?name=x.csv"],
    }
    # /watch tells what one's own page hangs on, as a mark, and nothing of an account in its address. The logo is public.
    open_to_all = {"/auth/enter", "/auth/leave", "/health", "/watch", "/logo"}
    assert {route.path for route in routes(settings)} == set(answers) | open_to_all, "a new route needs its line here"
    for route, paths in answers.items():
        for path in paths:
            own = {"content": "Müller", "headers": {"Origin": "http://testserver"}}
            asked = {"/search": partial(client.post, **own), "/import/file": partial(client.put, **own)}
            answer = asked.get(route, client.get)(path)
            assert (answer.status_code, answer.content) == (404, b""), path
    assert client.get(f"/photo/{door.own_photo}").status_code == 200
    marks = {client.get("/watch", params=asked).json()["mark"] for asked in ({}, {"account": door.foreign}, {"account": 987654})}
    assert len(marks) == 1
    with writer(SYSTEM) as tx:
        assert tx.get("document", door.document)["seen_at"] is None


def test_every_question_to_the_store_but_the_own_name_and_photo_finds_nothing(door):
    with reader(Viewer.contact(door.address)) as r:
        for table in TABLES:
            try:
                found = r.value(f"SELECT count(*) FROM {table}")
            except Exception as problem:
                assert "does not exist" in str(problem.__cause__ or problem), table
                continue
            assert found == READS.get(table, 0), table


def test_every_page_is_the_small_one(signed_in):
    at = AppTest.from_file(str(ROOT / "core/ui/frame.py"), default_timeout=60)
    at.query_params["account"] = str(signed_in.foreign)
    at.run()
    for page in PAGES:
        at.switch_page(f"../../pages/{page}.py").run()
        html = " ".join(str(element.proto.body) for element in at.get("html"))
        assert "Müller/Weber GbR" in html and "Schmidt" not in html, page
        assert not (at.dataframe or at.text_input or at.metric or at.sidebar.children or at.exception), page


def test_with_several_accounts_one_chooses_and_one_taken_away_is_noticed(signed_in):
    firm = signed_in
    with writer(SYSTEM) as tx:
        tx.insert("account_contact", account_id=firm.empty, contact_id=firm.contact, created_at=now())
        tx.insert("email_access", account_id=firm.empty, contact_id=firm.contact, contact_email_id=firm.address, login=True)
    viewer = Viewer.contact(firm.address)
    at = AppTest.from_file(str(ROOT / "core/ui/frame.py"), default_timeout=60).run()
    assert at.selectbox[0].options == ["Leer AG", "Müller/Weber GbR"]
    before = state_of(viewer, None)
    archive_account(firm.account("empty"))
    assert state_of(viewer, None) != before, "the open page draws itself anew"
    at.run()
    assert not at.selectbox


@pytest.mark.parametrize("how", ["archived", "unlinked"])
def test_the_last_account_gone_the_sign_in_is_there(signed_in, how):
    firm = signed_in
    if how == "archived":
        archive_account(firm.account())
    else:
        create_contact(firm.account(), {"name": "Bleibt"})
        unlink_contact(firm.account(), firm.contact)
    at = AppTest.from_file(str(ROOT / "core/ui/frame.py"), default_timeout=60).run()
    assert [field.label for field in at.text_input] == ["E-Mail-Adresse", "Passwort"]
    assert own_accounts(Viewer.contact(firm.address)) == []


def test_an_account_held_open_is_refused_once_it_is_gone(door):
    held = replace(door.account("own", "portal"))
    archive_account(door.account())
    with pytest.raises(AccountNotFound):
        door.account("own", "portal")
    from core.documents.photos import place_photo

    with pytest.raises(AccountNotFound):
        place_photo(held, "p.webp", "x")
