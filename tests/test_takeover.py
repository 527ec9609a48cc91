"""Whose Streamlit session it is: not the session id decides, not a header from outside, only the cookie."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

AT_MOST = 300
CLIENT = "Müller/Weber GbR"


@contextmanager
def browser(server, *, token: str | None = None, session: str = "", header: str | None = None):
    """A websocket as Streamlit's frontend opens it, with this cookie, taking up this session."""
    headers = ({"Cookie": f"kundenblick={token}"} if token else {}) | ({"X-Kundenblick-Session": header} if header else {})
    url = server.url.replace("http", "ws") + "/_stcore/stream"
    # The frontend hands on the session it had as the third of its protocols.
    protocols = ["streamlit", "none", session] if session else ["streamlit"]
    with connect(url, origin=server.url, subprotocols=protocols, additional_headers=headers, max_size=None, ping_interval=None) as socket:
        yield socket


def draw(socket, query: str = "", page: str = "") -> tuple[str, str]:
    """Run the page; returns (session id, everything that was drawn)."""
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.page_name = page
    socket.send(message.SerializeToString())
    session, drawn = "", b""
    for _ in range(AT_MOST):
        raw = socket.recv(timeout=20)
        said = ForwardMsg.FromString(raw)
        drawn += raw
        if said.WhichOneof("type") == "new_session":
            session = said.new_session.initialize.session_id
        if said.WhichOneof("type") == "script_finished":
            break
    return session, drawn.decode("utf-8", "replace")


def overview(server) -> dict[str, str]:
    return {"query": f"account={server.firm.own}", "page": "overview"}


def test_the_owner_sees_the_client_and_a_stranger_the_sign_in(small_server):
    with browser(small_server, token=small_server.token) as own:
        _, drawn = draw(own, **overview(small_server))
        assert CLIENT in drawn
    with browser(small_server) as stranger:
        _, drawn = draw(stranger, **overview(small_server))
        assert "E-Mail-Adresse" in drawn and CLIENT not in drawn


def test_the_id_of_a_session_is_no_key_to_it(small_server):
    with browser(small_server, token=small_server.token) as own:
        session, drawn = draw(own, **overview(small_server))
        assert CLIENT in drawn
    for attempt in ({}, {"token": "erfunden"}, {"header": hashlib.sha256(small_server.token.encode()).hexdigest()}):
        with browser(small_server, session=session, **attempt) as thief:
            got, drawn = draw(thief, **overview(small_server))
            assert got != session
            assert CLIENT not in drawn
    with browser(small_server, token=small_server.token, session=session) as own:
        assert draw(own, **overview(small_server))[0] == session


def test_a_header_from_outside_names_nobody(small_server):
    forged = hashlib.sha256(small_server.token.encode()).hexdigest()
    with browser(small_server, header=forged) as stranger:
        _, drawn = draw(stranger, **overview(small_server))
        assert CLIENT not in drawn
    answer = httpx.get(f"{small_server.url}/media/x", headers={"X-Kundenblick-Session": forged})
    assert answer.status_code == 403


def test_a_stranger_uploads_nothing_even_into_a_session_of_theirs(small_server):
    with browser(small_server) as stranger:
        session, _ = draw(stranger)
        answer = httpx.put(f"{small_server.url}/_stcore/upload_file/{session}/1", files={"file": b"x" * 1_000_000})
        assert answer.status_code == 403


def test_who_is_signed_in_opens_more_than_twenty_pages(small_server):
    opened = []
    try:
        for _ in range(22):
            context = browser(small_server, token=small_server.token)
            context.__enter__()
            opened.append(context)
    finally:
        for context in opened:
            context.__exit__(None, None, None)
    assert len(opened) == 22
