"""The doors that are open in Streamlit unless one closes them, on the running server."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from core.base.errors import StoreForeign
from core.operations.installation import open_installation
from core.store import close_store

ROOT = Path(__file__).parents[1]
PAGES = [file.stem for file in sorted((ROOT / "pages").glob("*.py"))]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_run_cold_shows_the_sign_in(page, firm, monkeypatch):
    monkeypatch.chdir(ROOT)
    at = AppTest.from_file(str(ROOT / "core/ui/frame.py"), default_timeout=30)
    at.run()
    at.switch_page(f"../../pages/{page}.py").run()
    labels = [field.label for field in at.text_input]
    assert labels == ["E-Mail-Adresse", "Passwort"]
    assert not at.dataframe


@pytest.mark.parametrize("page", PAGES)
def test_a_page_run_without_the_frame_shows_the_way_to_the_start_alone(page, firm):
    at = AppTest.from_file(str(ROOT / f"pages/{page}.py"), default_timeout=30).run()
    assert [part.type for part in at.main if part is not at.main] == ["html"] and not at.exception
    assert 'href="/"' in at.get("html")[0].proto.body


@pytest.mark.parametrize("path", ["/document/1100", "/photo/1100", "/export/abc", "/document/999999999999999999999"])
def test_files_without_a_session_look_missing(server, path):
    assert httpx.get(server.url + path).status_code == 404


@pytest.mark.parametrize("path", ["/media/abc.pdf", "/_stcore/upload_file/a/b", "/_stcore/metrics"])
def test_streamlits_own_doors_are_closed(server, path):
    assert httpx.get(server.url + path).status_code == 403
    assert httpx.put(server.url + path, content=b"x" * 1000).status_code == 403


@pytest.mark.parametrize("path", ["/", "/overview?account=1", "/health", "/document/1", "/media/x", "/_stcore/health", "/nothing/here"])
def test_security_headers_stand_on_every_answer(server, path):
    headers = httpx.get(server.url + path).headers
    assert "script-src 'self'" in headers["content-security-policy"] or "default-src 'none'" in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"


def test_a_forged_session_header_is_not_believed(server):
    answer = httpx.get(server.url + "/media/x", headers={"X-Kundenblick-Session": "0" * 64})
    assert answer.status_code == 403


def test_leaving_needs_our_own_page(server):
    assert httpx.post(server.url + "/auth/leave", headers={"Origin": "http://evil.example"}).status_code == 403
    assert httpx.post(server.url + "/auth/leave").status_code == 403


def test_an_invented_ticket_enters_nowhere(server):
    answer = httpx.get(server.url + "/auth/enter?ticket=erfunden")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie" not in answer.headers


def socket_answer(server, origin: str | None, count: int = 1, forwarded: bool = False) -> list[str]:
    """What opening that many websockets at once gives: open or refused; ``forwarded`` as if each came from an address of its own."""
    url = server.url.replace("http", "ws") + "/_stcore/stream"
    opened, answers = [], []
    for number in range(count):
        headers = {"X-Forwarded-For": f"192.0.2.{number}", "X-Real-IP": f"192.0.2.{number}"} if forwarded else None
        try:
            opened.append(
                connect(
                    url,
                    origin=origin,
                    subprotocols=["streamlit"],
                    open_timeout=10,
                    ping_interval=None,
                    legacy=True,
                    additional_headers=headers,
                )
            )
            answers.append("open")
        except (WebSocketException, OSError):
            answers.append("refused")
    for socket in opened:
        socket.close()
    return answers


def test_websockets_need_our_origin(server):
    assert socket_answer(server, None) == ["refused"]
    assert socket_answer(server, "http://evil.example") == ["refused"]
    assert socket_answer(server, server.url) == ["open"]


def test_a_stranger_opens_twenty_websockets_at_most(server):
    assert socket_answer(server, server.url, 24)[20:] == ["refused"] * 4


def test_an_invented_address_is_not_believed(server):
    assert socket_answer(server, server.url, 24, forwarded=True)[20:] == ["refused"] * 4


def test_the_hidden_option_still_exists():
    from streamlit import config

    assert "runner.postScriptGC" in config._config_options_template


@pytest.mark.parametrize(
    ("locale", "said"), [("de-DE", ("keine Datenbank von Kundenblick", "Sagen Sie es")), ("en-GB", ("no database of", "Tell the person"))]
)
def test_without_a_store_the_page_says_why_in_the_browsers_language(settings, monkeypatch, locale, said):
    close_store()
    settings.data.mkdir(parents=True)
    settings.database.write_bytes(b"something else")
    with pytest.raises(StoreForeign):
        open_installation(settings)
    monkeypatch.setattr(type(st.context), "locale", property(lambda _: locale))
    at = AppTest.from_file(str(ROOT / "core/ui/frame.py"), default_timeout=60).run()
    assert [said[0] in one.value for one in at.error] == [True]
    assert [said[1] in one.value for one in at.caption] == [True]
    assert not at.text_input
