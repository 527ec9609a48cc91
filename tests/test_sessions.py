"""Sessions: how one begins, what keeps it alive, what ends it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.config import read_settings
from core.members import deactivate
from core.rights import Viewer
from core.store import now, writer
from core.ui import viewer as page
from core.web.routes import routes
from core.web.sessions import hashed, note_use, start_session, viewer_of
from core.web.tickets import mint

SYSTEM = Viewer.system("tests")
OURS = {"Origin": "http://testserver"}


def used_at(token: str):
    with writer(SYSTEM) as tx:
        return tx.value("SELECT last_used_at FROM session WHERE token_hash = $hash", hash=hashed(token))


def used_ago(token: str, ago: timedelta) -> None:
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE session SET last_used_at = $at WHERE token_hash = $hash", {"at": now() - ago, "hash": hashed(token)})


def test_a_ticket_becomes_a_cookie_no_script_can_read(shell, firm, settings):
    client = shell()
    ticket = mint(firm.assigned, "/overview?account=7")
    answer = client.get(f"/auth/enter?ticket={ticket}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/overview?account=7")
    name, *attributes = answer.headers["set-cookie"].split("; ")
    token = name.removeprefix("kundenblick=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} == set(attributes)
    assert len(token) == 43
    assert Viewer.staff(firm.assigned) == viewer_of(hashed(token), settings)
    again = client.get(f"/auth/enter?ticket={ticket}")
    assert again.headers["location"] == "/" and "set-cookie" not in again.headers


def test_over_https_the_cookie_is_tied_to_the_host(firm, settings):
    safe = read_settings({"KUNDENBLICK_DATA": str(settings.data), "KUNDENBLICK_PUBLIC_URL": "https://kanzlei.example"})
    client = TestClient(Starlette(routes=routes(safe)), follow_redirects=False)
    cookie = client.get(f"/auth/enter?ticket={mint(firm.owner, '/')}").headers["set-cookie"]
    assert cookie.startswith("__Host-kundenblick=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))


def test_another_site_signs_nobody_in(shell, firm):
    answer = shell().get(f"/auth/enter?ticket={mint(firm.owner, '/')}", headers={"Sec-Fetch-Site": "cross-site"})
    assert "set-cookie" not in answer.headers


def test_signing_in_anew_ends_the_earlier_session(shell, firm, settings):
    client = shell("owner")
    earlier = client.cookies["kundenblick"]
    client.get(f"/auth/enter?ticket={mint(firm.assigned, '/')}")
    assert viewer_of(hashed(earlier), settings) is None


def test_leaving_ends_the_session_for_every_holder_of_the_cookie(shell, firm, settings):
    client = shell("owner")
    token = client.cookies["kundenblick"]
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        assert client.post("/auth/leave", headers=headers).status_code == 403
    assert viewer_of(hashed(token), settings)
    assert client.get("/auth/leave", headers=OURS).status_code == 405
    answer = client.post("/auth/leave", headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert viewer_of(hashed(token), settings) is None
    assert shell(kundenblick=token).get(f"/document/{firm.document}").status_code == 404


def test_asking_does_not_keep_a_session_alive_but_a_click_does(firm, settings):
    token = start_session(firm.owner, "127.0.0.1", "test")
    used_ago(token, timedelta(minutes=29))
    before = used_at(token)
    for _ in range(3):
        assert viewer_of(hashed(token), settings)
    assert before == used_at(token)
    note_use(hashed(token), settings)
    assert now() - used_at(token) < timedelta(seconds=10)


def test_clicks_are_written_once_a_minute(firm, settings):
    token = start_session(firm.owner, "127.0.0.1", "test")
    used_ago(token, timedelta(seconds=50))
    before = used_at(token)
    note_use(hashed(token), settings)
    assert before == used_at(token)


def test_a_page_that_renews_itself_is_no_click(firm, monkeypatch):
    token = start_session(firm.owner, "127.0.0.1", "test")
    used_ago(token, timedelta(minutes=10))
    before = used_at(token)
    browser = SimpleNamespace(session_state={"ran_by_itself": True}, user={"session": hashed(token)})
    monkeypatch.setattr(page, "st", browser)
    page.note_click()
    assert before == used_at(token)
    page.note_click()
    assert before < used_at(token)


def test_an_ended_session_is_not_brought_back_by_a_click(firm, settings):
    token = start_session(firm.owner, "127.0.0.1", "test")
    used_ago(token, timedelta(minutes=31))
    note_use(hashed(token), settings)
    assert viewer_of(hashed(token), settings) is None


def test_deactivating_a_member_ends_their_session(firm, settings):
    token = start_session(firm.assigned, "127.0.0.1", "test")
    deactivate(SYSTEM, firm.assigned)
    assert viewer_of(hashed(token), settings) is None


@pytest.mark.parametrize("token", [None, "", "x", "'; DROP TABLE session; --", "ü" * 1000])
def test_nonsense_is_nobody(firm, settings, token):
    assert viewer_of(token, settings) is None
