"""Sessions: how one begins, what keeps it alive, what ends it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import duckdb
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.testing.v1 import AppTest

from core.base.config import read_settings
from core.base.errors import NotFound
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.i18n import speaking
from core.i18n.devices import device, device_in_sql, device_of
from core.identity.members import deactivate
from core.identity.sessions import (
    end_other_sessions,
    end_own_session,
    ends_in,
    known_to_live,
    note_use,
    own_sessions,
    start_session,
    viewer_of,
)
from core.identity.sign_in_tickets import mint
from core.store import now, reader, writer
from core.web.guard import Guard
from core.web.routes import routes
from core.web.sockets import PAGE_SCRIPTS, WATCH

SYSTEM = Viewer.system("tests")
OURS = {"Origin": "http://testserver"}


def used_at(token: str):
    with writer(SYSTEM) as tx:
        return tx.value("SELECT last_used_at FROM session WHERE token_hash = $hash", hash=hash_token(token))


def used_ago(token: str, ago: timedelta) -> None:
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE session SET last_used_at = $at WHERE token_hash = $hash", {"at": now() - ago, "hash": hash_token(token)})


def test_a_ticket_becomes_a_cookie_no_script_can_read(shell, firm, settings):
    client = shell()
    ticket = mint(firm.assigned, "/overview?account=7")
    answer = client.get(f"/auth/enter?ticket={ticket}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/overview?account=7")
    name, *attributes = answer.headers.get_list("set-cookie")[0].split("; ")
    token = name.removeprefix("kundenblick=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} == set(attributes)
    assert len(token) == 43
    assert Viewer.staff(firm.assigned) == viewer_of(hash_token(token), settings)
    again = client.get(f"/auth/enter?ticket={ticket}")
    assert again.headers["location"] == "/" and "set-cookie" not in again.headers


def test_over_https_the_cookie_is_tied_to_the_host(firm, settings):
    safe = read_settings({"KUNDENBLICK_DATA": str(settings.data), "KUNDENBLICK_PUBLIC_URL": "https://kanzlei.example"})
    client = TestClient(Starlette(routes=routes(safe)), follow_redirects=False)
    cookies = client.get(f"/auth/enter?ticket={mint(firm.owner, '/')}").headers.get_list("set-cookie")
    assert [cookie.split("=")[0] for cookie in cookies] == ["__Host-kundenblick", "__Host-kundenblick-browser"]
    assert all({"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; ")) for cookie in cookies)


def test_another_site_signs_nobody_in(shell, firm):
    answer = shell().get(f"/auth/enter?ticket={mint(firm.owner, '/')}", headers={"Sec-Fetch-Site": "cross-site"})
    assert "set-cookie" not in answer.headers


def test_signing_in_anew_ends_the_earlier_session(shell, firm, settings):
    client = shell("owner")
    earlier = client.cookies["kundenblick"]
    client.get(f"/auth/enter?ticket={mint(firm.assigned, '/')}")
    assert viewer_of(hash_token(earlier), settings) is None


def test_leaving_ends_the_session_for_every_holder_of_the_cookie(shell, firm, settings):
    client = shell("owner")
    token = client.cookies["kundenblick"]
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        assert client.post("/auth/leave", headers=headers).status_code == 403
    assert viewer_of(hash_token(token), settings)
    assert client.get("/auth/leave", headers=OURS).status_code == 405
    answer = client.post("/auth/leave", headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert viewer_of(hash_token(token), settings) is None
    assert shell(kundenblick=token).get(f"/document/{firm.document}").status_code == 404


def test_asking_does_not_keep_a_session_alive_but_a_click_does(firm, settings):
    token = start_session(firm.owner, "127.0.0.1", "test")
    used_ago(token, timedelta(minutes=29))
    before = used_at(token)
    for _ in range(3):
        assert viewer_of(hash_token(token), settings)
    assert before == used_at(token)
    note_use(hash_token(token), settings)
    assert now() - used_at(token) < timedelta(seconds=10)


def test_a_click_is_known_at_once_and_outdates_nobody_elses_session(firm, settings):
    mine, theirs = (start_session(firm.owner, "127.0.0.1", "test") for _ in range(2))
    used_ago(mine, timedelta(minutes=29))
    for token in (mine, theirs):
        viewer_of(hash_token(token), settings)
    note_use(hash_token(mine), settings)
    assert known_to_live(hash_token(theirs), settings)
    assert ends_in(hash_token(mine), settings).idle > 29


def test_clicks_are_written_once_a_minute(firm, settings):
    token = start_session(firm.owner, "127.0.0.1", "test")
    used_ago(token, timedelta(seconds=50))
    before = used_at(token)
    note_use(hash_token(token), settings)
    assert before == used_at(token)


def message(auto: bool, told: str = "") -> bytes:
    back = BackMsg()
    back.rerun_script.is_auto_rerun = auto
    if told:
        back.rerun_script.widget_states.widgets.add(id=f"$$STREAMLIT_INTERNAL_KEY_$$ID-1f-{told}__events", json_trigger_value="[]")
    return back.SerializeToString()


def socket(token: str, settings, *messages: bytes) -> None:
    """An open page of that session whose browser sends these messages."""

    async def page(scope, receive, send) -> None:
        for _ in messages:
            await receive()

    async def run() -> None:
        waiting = [{"type": "websocket.receive", "bytes": content} for content in messages]
        headers = [(b"origin", b"http://ours"), (b"host", b"ours"), (b"cookie", f"kundenblick={token}".encode())]

        async def receive():
            return waiting.pop(0)

        async def send(_):
            raise AssertionError("nothing is refused")

        await Guard(page, settings)({"type": "websocket", "headers": headers, "client": ("10.0.0.1", 1)}, receive, send)

    # A browser of another test may keep a loop running in this thread.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, run()).result()


def test_what_an_open_page_does_by_itself_is_no_use_but_a_click_is(firm, settings):
    token = start_session(firm.owner, "127.0.0.1", "test")
    used_ago(token, timedelta(minutes=10))
    before = used_at(token)
    socket(token, settings, message(False), message(True), message(False, told=WATCH), message(False, told=PAGE_SCRIPTS), b"\xff\xfe", b"")
    assert before == used_at(token), "finding the connection again, a timer, what changed behind the page, and what is no message at all"
    socket(token, settings, message(True), message(False), message(False, told="search"))
    assert now() - used_at(token) < timedelta(seconds=10)


def test_opening_a_page_and_searching_is_use_and_what_pages_load_is_not(shell, firm):
    client = shell("owner")
    token = client.cookies["kundenblick"]
    for method, path, headers, counts in (
        ("GET", "/photo/1", {"Sec-Fetch-Mode": "no-cors"}, False),
        ("GET", "/_stcore/health", {"Sec-Fetch-Mode": "cors"}, False),
        ("GET", "/watch?account=1", {"Sec-Fetch-Mode": "cors"}, False),
        ("GET", "/health", {"Sec-Fetch-Mode": "navigate"}, True),
        ("POST", "/search", OURS | {"Sec-Fetch-Mode": "cors"}, True),
    ):
        used_ago(token, timedelta(minutes=10))
        client.request(method, path, headers=headers)
        assert (now() - used_at(token) < timedelta(minutes=1)) is counts, path


def test_what_is_left_counts_down_to_both_ends(firm, settings):
    token = start_session(firm.owner, "127.0.0.1", "test")
    used_ago(token, timedelta(minutes=27))
    left = ends_in(hash_token(token), settings)
    assert (round(left.idle), round(left.absolute)) == (3, 600)
    assert ends_in(None, settings) is None


@pytest.mark.parametrize(
    ("idle", "absolute", "said"),
    [(4.2, 300, "5 Minuten"), (0.5, 300, "einer Minute"), (6, 300, None), (30, 3, "endet um"), (2, 1, "endet um")],
)
def test_the_page_warns_shortly_before_either_end(idle, absolute, said):
    def page(idle: float, absolute: float) -> None:
        from core.identity.sessions import TimeLeft
        from core.ui.shell.watch import _say_end

        _say_end(TimeLeft(idle, absolute, 30))

    at = AppTest.from_function(page, args=(idle, absolute), default_timeout=60).run()
    assert [said in mark.value for mark in at.markdown] == ([True] if said else [])
    assert [button.label for button in at.button] == (["Angemeldet bleiben"] if said and "Minute" in said else [])


def test_own_sessions_are_listed_and_ended_and_nobody_elses(firm, settings):
    mine, other, foreign = (start_session(who, "10.0.0.1", "Firefox") for who in (firm.owner, firm.owner, firm.assigned))
    me = Viewer.staff(firm.owner)
    rows = own_sessions(me, hash_token(mine), settings)
    assert [row["is_this"] for row in rows] == [True, False]
    assert not any("token" in column for column in rows[0])
    [foreign_id] = [row["session_id"] for row in own_sessions(Viewer.staff(firm.assigned), None, settings)]
    for impossible in (foreign_id, 999_999):
        with pytest.raises(NotFound):
            end_own_session(me, impossible)
    end_own_session(me, rows[1]["session_id"])
    assert (viewer_of(hash_token(mine), settings), viewer_of(hash_token(other), settings)) == (me, None)
    third = start_session(firm.owner, "10.0.0.1", "Firefox")
    end_other_sessions(me, hash_token(mine))
    assert [viewer_of(hash_token(token), settings) is not None for token in (mine, third, foreign)] == [True, False, True]


@pytest.mark.parametrize(
    ("agent", "parts"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", ("Firefox", "Windows")),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 Version/18.1 Mobile Safari/604.1", ("Safari", "iPhone")),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36", ("Chrome", "Linux")),
        ("<script>", (None, None)),
        (None, (None, None)),
    ],
)  # fmt: skip
def test_a_device_is_said_in_plain_words(agent, parts):
    assert device_of(agent) == parts


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36", ("Chrome auf Linux", "Chrome on Linux")),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/142.0 Safari/537.36", ("Chrome auf Linux", "Chrome on Linux")),
        ("Safari, iPhone", ("Safari auf iPhone", "Safari on iPhone")),
        ("Mozilla/5.0 (Windows NT 10.0) Unbekannt/1.0", ("Windows", "Windows")),
        ("curl/8.5.0", ("unbekanntes Gerät", "unknown device")),
        ("Büro-PC  Empfang", ("Büro-PC Empfang", "Büro-PC Empfang")),
        ("", ("unbekanntes Gerät", "unknown device")),
        (None, ("unbekanntes Gerät", "unknown device")),
    ],
)  # fmt: skip
def test_a_device_is_named_and_found_by_its_name(agent, words):
    for code, expected in zip(("de", "en"), words, strict=True):
        with speaking(code):
            text, given = device_in_sql("sent")
            assert device(agent) == expected
            query = f"SELECT {text} FROM (SELECT $sent::TEXT AS sent)"
            assert " ".join(duckdb.execute(query, given | {"sent": agent}).fetchone()[0].split()) == expected


def test_the_browser_is_known_after_a_sign_in_and_keeps_its_cookie(shell, firm):
    client = shell()
    cookies = client.get(f"/auth/enter?ticket={mint(firm.owner, '/')}").headers.get_list("set-cookie")
    browser = next(cookie for cookie in cookies if cookie.startswith("kundenblick-browser="))
    assert {"HttpOnly", "SameSite=lax", "Max-Age=34560000"} <= set(browser.split("; "))
    value = client.cookies["kundenblick-browser"]
    client.get(f"/auth/enter?ticket={mint(firm.assigned, '/')}")
    assert client.cookies["kundenblick-browser"] == value
    client.cookies.set("kundenblick-browser", "<chosen by somebody>")
    client.get(f"/auth/enter?ticket={mint(firm.owner, '/')}")
    with reader(SYSTEM) as r:
        rows = r.rows("SELECT * FROM known_browser ORDER BY known_browser_id")
    assert [row["staff_member_id"] for row in rows] == [firm.owner, firm.assigned, firm.owner]
    assert rows[0]["token_hash"] == rows[1]["token_hash"] == hash_token(value) != rows[2]["token_hash"]
    assert value not in str(rows)


def test_an_ended_session_is_not_brought_back_by_a_click(firm, settings):
    token = start_session(firm.owner, "127.0.0.1", "test")
    used_ago(token, timedelta(minutes=31))
    note_use(hash_token(token), settings)
    assert viewer_of(hash_token(token), settings) is None


def test_deactivating_a_member_ends_their_session(firm, settings):
    token = start_session(firm.assigned, "127.0.0.1", "test")
    deactivate(SYSTEM, firm.assigned)
    assert viewer_of(hash_token(token), settings) is None


@pytest.mark.parametrize("token", [None, "", "x", "'; DROP TABLE session; --", "ü" * 1000])
def test_nonsense_is_nobody(firm, settings, token):
    assert viewer_of(token, settings) is None


def test_what_is_known_of_a_session_ends_with_whatever_may_end_it(firm, settings):
    token = start_session(firm.assigned, "127.0.0.1", "test")
    mine = hash_token(token)
    for take_away, give_back in (
        (lambda tx: tx.update("staff_member", firm.assigned, is_active=False), lambda tx: tx.update("staff_member", firm.assigned, is_active=True)),
        (lambda tx: tx.execute("UPDATE session SET ended_at = now()::TIMESTAMP"), lambda tx: tx.execute("UPDATE session SET ended_at = NULL")),
        (lambda tx: tx.execute("DELETE FROM session"), None),
    ):  # fmt: skip
        assert viewer_of(mine, settings) == viewer_of(mine, settings) == firm.viewer("assigned")
        with writer(Viewer.system("tests")) as tx:
            take_away(tx)
        assert viewer_of(mine, settings) is None
        if give_back:
            with writer(Viewer.system("tests")) as tx:
                give_back(tx)
