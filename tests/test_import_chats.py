"""Whose turn a chat is after an import: the last message decides, also of two in one minute, as the conversation shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.rights import Viewer
from core.operations.doctor import examine
from core.store import writer
from tests.faults.import_kills import CLIENTS
from tests.test_import_all import run, value

MAPPING = f"""{CLIENTS}[files.messages]
path = "messages.csv"
[[tables]]
table = "chat"
file = "clients"
key = ["no"]
fields = {{ account_id = "no", subject = "name" }}
[[tables]]
table = "chat_message"
file = "messages"
key = ["id"]
fields = {{ chat_id = "no", sent_at = "sent", is_from_client = "theirs", text = "text" }}
"""
CLIENT, FIRM = "1,1,2026-11-02 09:15,ja,Ist alles da?", "2,1,2026-11-02 09:15,nein,Alles da."


@pytest.fixture
def folder(store, tmp_path) -> Path:
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    (tmp_path / "clients.csv").write_text("no,name\n1,Eins\n", "utf-8")
    return tmp_path


def bring(settings, folder: Path, *messages: str) -> tuple[str, bool]:
    (folder / "messages.csv").write_text("\n".join(["id,no,sent,theirs,text", *messages]) + "\n", "utf-8")
    good, said = run(settings, folder / "m.toml")
    assert good, said
    assert not [code for code, _ in examine(settings) if code in ("chat", "card")]
    return value("SELECT last_message FROM chat"), value("SELECT last_is_from_client FROM chat")


def test_of_two_messages_in_one_minute_the_later_written_is_the_last(settings, folder):
    assert bring(settings, folder, CLIENT, FIRM) == ("Alles da.", False)


def test_a_message_of_the_same_minute_that_comes_later_is_the_last(settings, folder):
    assert bring(settings, folder, CLIENT) == ("Ist alles da?", True)
    assert bring(settings, folder, CLIENT, FIRM) == ("Alles da.", False)
    assert bring(settings, folder, CLIENT, FIRM.replace("Alles da.", "Fast alles.")) == ("Fast alles.", False)


def test_the_doctor_compares_who_answered(settings, folder):
    bring(settings, folder, CLIENT, FIRM)
    with writer(Viewer.system("tests")) as tx:
        tx.execute("UPDATE chat SET last_is_from_client = TRUE")
    assert "chat" in dict(examine(settings))
