"""The log and ``/metrics``: what happened is told, nothing of clients and no secret is."""

from __future__ import annotations

import io
import json
import logging
import threading
import time
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException

from core.base.errors import AppError
from core.base.log import JsonLines, TextLines
from core.base.rights import Viewer
from core.identity.sessions import start_session
from core.identity.sign_in import check_password
from core.identity.throttle import TooManyTries, count_try
from core.store import reader, writer
from core.web.metrics_route import metrics_route
from core.web.request_log import Runs, route_of
from tests.attacks.protocol_client import Speaker
from tests.small_firm import PASSWORD

CANARY = "Kanarienvogel"
TOKEN = "0123456789abcdef" * 2


@pytest.fixture
def written():
    """Everything the app writes to its log from now on, as it would stand there."""
    handler, out = logging.StreamHandler(), io.StringIO()
    handler.setStream(out)
    handler.setFormatter(JsonLines())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_sign_ins_refusals_and_exports_are_told_by_number(firm, written):
    check_password("owner@kanzlei.example", f"falsch {CANARY}", "192.0.2.9")
    check_password(f"{CANARY}@nirgends.example", "falsch", "192.0.2.9")
    start_session(firm.assigned, "192.0.2.9", CANARY)
    with writer(firm.viewer("owner")) as tx:
        tx.update("account", firm.own, name=CANARY)
        tx.note("exported", "account", None, None, CANARY)
        tx.note("refused", "refusal", None, firm.own, "edit_account")
    lines = written()
    told = {line["event"]: line for line in lines if "event" in line}
    assert told["wrong_password"]["address"] == "192.0.2.9"
    assert (told["signed_in"]["entity"], told["signed_in"]["entity_id"]) == ("staff_member", firm.assigned)
    assert (told["exported"]["actor"], told["exported"]["actor_id"]) == ("staff", firm.owner)
    assert (told["refused"]["thing"], told["refused"]["account_id"], told["refused"]["level"]) == ("edit_account", firm.own, "WARNING")
    assert [line["event"] for line in lines].count("sign_in_failed") == 2
    assert "changed" not in told and CANARY not in json.dumps(lines) and "owner@" not in json.dumps(lines)


def test_who_is_slowed_down_is_told_without_the_name(written):
    with pytest.raises(TooManyTries):
        for _ in range(20):
            count_try(f"name:{CANARY}", "from:192.0.2.99")
    line = written()[-1]
    assert (line["event"], line["counted"]) == ("slowed_down", ["name", "from"]) and line["seconds"] > 0


@pytest.mark.parametrize("lines", [JsonLines, TextLines])
def test_an_error_is_told_by_its_kinds_and_places_and_its_text_only_when_everything_is(lines):
    def fails(text: str) -> None:
        try:
            int(text)
        except ValueError as problem:
            raise AppError("number_taken", number=text) from problem

    try:
        fails(CANARY)
    except AppError as problem:
        record = logging.LogRecord(
            "kundenblick", logging.ERROR, __file__, 1, "unexpected error %s: %s", ("A1B2C3", problem), (type(problem), problem, problem.__traceback__)
        )  # fmt: skip
    text = lines().format(record)
    assert all(word in text for word in ("A1B2C3", "AppError number_taken", "builtins.ValueError", "tests/test_log.py:", "fails"))
    assert CANARY not in text and CANARY in lines(fully=True).format(record)


def test_what_a_library_fills_in_is_not_written():
    record = logging.LogRecord("uvicorn.error", logging.WARNING, __file__, 1, "cannot %s", (CANARY,), None)
    assert "cannot" in JsonLines().format(record) and CANARY not in JsonLines().format(record)


def test_the_database_tells_no_values_in_its_errors(firm, written):
    with pytest.raises(AppError) as broken, reader(firm.viewer("owner")) as r:
        r.rows("SELECT CAST($text AS INTEGER)", text=CANARY)
    logging.getLogger("core.store").error("it broke", exc_info=broken.value)
    line = written()[-1]
    assert "duckdb" in line["error"]["kinds"][1] and CANARY not in json.dumps(line)


def test_the_running_server_writes_one_line_of_json_for_each_and_nothing_of_what_was_asked(small_server):
    log_file = small_server.data.parent / "server.log"
    before = log_file.stat().st_size
    signed_in = {"kundenblick": small_server.token}
    for path in (
        f"/{CANARY}",
        f"/document/{CANARY}?x={CANARY}",
        f"/search?q={CANARY}",
        f"/overview?account={CANARY}",
        f"/auth/enter?ticket={CANARY}",
    ):
        httpx.get(small_server.url + path, headers={"User-Agent": CANARY, "Referer": CANARY}, cookies=signed_in)
    httpx.request(CANARY.upper(), small_server.url + "/")

    def so_far() -> list[dict]:
        return [json.loads(line) for line in log_file.read_bytes()[before:].decode().splitlines() if line.endswith("}")]

    # A line is written after its answer has gone out.
    waiting, until = threading.Event(), time.monotonic() + 10
    while not any(line.get("method") == "other" for line in so_far()) and time.monotonic() < until:
        waiting.wait(0.05)
    lines = so_far()
    requests = [(line["method"], line["route"]) for line in lines if line.get("event") == "request"]
    assert {("GET", "document"), ("GET", "search"), ("GET", "page"), ("GET", "auth"), ("other", "page")} <= set(requests)
    assert all({"time", "level", "logger"} <= set(line) for line in lines)
    assert {line["logger"] for line in lines} <= {"kundenblick.web", "kundenblick.record"}
    whole = log_file.read_text()
    assert CANARY.lower() not in whole.lower() and small_server.token not in whole and PASSWORD not in whole
    assert "Müller" not in whole and "mueller.example" not in whole


def test_metrics_are_for_who_has_the_token(shell, firm, settings, tmp_path):
    assert shell("owner").get("/metrics").status_code == 404
    secret = tmp_path / "token"
    secret.write_text(TOKEN + "\n")
    start_session(firm.owner, "192.0.2.9", "x")
    start_session(Viewer.contact(firm.address), "192.0.2.9", "x")
    client = TestClient(Starlette(routes=[metrics_route(replace(settings, metrics_token_file=str(secret)))]))
    for wrong in ("", "Bearer ", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}"):
        answer = client.get("/metrics", headers={"Authorization": wrong} if wrong else {})
        assert (answer.status_code, answer.text) == (404, "")
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert 'kundenblick_sessions_open{kind="staff"} 2.0' in text and 'kundenblick_sessions_open{kind="contact"} 1.0' in text
    assert 'kundenblick_statement_seconds_count{kind="commit"}' in text and "kundenblick_store_up 1.0" in text
    assert "kundenblick_backup_timestamp_seconds 0.0" in text
    size = next(float(line.split()[1]) for line in text.splitlines() if line.startswith("kundenblick_store_bytes "))
    assert size == settings.database.stat().st_size
    assert "Müller" not in text and "mueller" not in text


def test_a_run_is_counted_from_its_asking_to_its_end():
    asked, ended, runs = BackMsg(), ForwardMsg(), Runs()
    asked.rerun_script.query_string = ""
    ended.script_finished = ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY
    ended.hash = "0" * 32
    runs.answered(ended.SerializeToString())
    runs.asked(asked.SerializeToString())
    runs.asked(b"\xff no message")
    runs.answered(b"x" * 1000)
    assert runs.ended == 0
    runs.answered(ended.SerializeToString())
    runs.answered(ended.SerializeToString())
    assert runs.ended == 1
    assert [route_of(path) for path in ("/", "/overview", "/document/3", "/overview/_stcore/stream", "/x/y")] == [
        "page", "page", "document", "_stcore", "page",
    ]  # fmt: skip


def test_a_refusal_is_no_error_of_the_server_and_no_text_of_an_error_goes_past_the_log(small_server):
    """Rich would print an error's text and our lines of code; a stranger could fill the log with errors by sockets that are refused."""
    log_file = small_server.data.parent / "server.log"
    before = log_file.stat().st_size
    page = Speaker(small_server.url, small_server.tokens["assigned"])
    assert page.run(page="team").finished
    with pytest.raises(WebSocketException):
        Speaker(small_server.url, origin="http://elsewhere.example")
    waiting, until = threading.Event(), time.monotonic() + 10
    while b"page_refused" not in log_file.read_bytes()[before:] and time.monotonic() < until:
        waiting.wait(0.05)
    waiting.wait(0.2)
    lines = [json.loads(line) for line in log_file.read_bytes()[before:].decode().splitlines()]
    assert "page_refused" in {line.get("event") for line in lines}
    assert [line for line in lines if line["level"] == "ERROR"] == []
