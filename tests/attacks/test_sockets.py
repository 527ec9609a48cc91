"""What one can say over a websocket that no page of ours says: as a stranger, as a client's contact, with others' ids, again and too late."""

from __future__ import annotations

import re
import time

import httpx
import pytest
from websockets.exceptions import WebSocketException

from core.base.config import read_settings
from core.base.rights import Viewer
from core.identity.sessions import start_session
from core.operations.control_socket import run as command
from core.operations.installation import open_installation
from core.store import close_store
from core.web.sockets import SIGNED_OUT
from tests.attacks.canary_firm import build_filled
from tests.attacks.hostile import PAGES
from tests.attacks.protocol_client import Said, Speaker
from tests.attacks.size import FULL
from tests.attacks.test_matrix import words_in
from tests.servers import Server

WHO = ("owner", "assigned", "unassigned", "sees_all", "manages", "everything")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The app on the filled firm; ``tokens`` are a session of everybody's."""
    data = tmp_path_factory.mktemp("sockets") / "data"
    settings = read_settings({"KUNDENBLICK_DATA": str(data)})
    close_store()
    open_installation(settings)
    firm = build_filled()
    tokens = {who: start_session(getattr(firm, who), "127.0.0.1", "x") for who in WHO}
    tokens["portal"] = start_session(Viewer.contact(firm.address), "127.0.0.1", "x")
    close_store()
    running = Server(data)
    running.firm, running.tokens, running.settings = firm, tokens, settings
    yield running
    running.stop()


@pytest.fixture
def speak(house):
    """Sockets of this test, closed behind it."""
    opened = []

    def one(who: str | None = None, **options) -> Speaker:
        opened.append(Speaker(house.url, house.tokens.get(who) if who else None, **options))
        return opened[-1]

    yield one
    for speaker in opened:
        speaker.close()


def of_account(house, which: str = "own") -> str:
    return f"account={getattr(house.firm, which)}"


def words(said: Said) -> set[tuple[str, str]]:
    return words_in(said.text)


def asked_for_nothing(speaker: Speaker, query: str, fragment: str) -> Said:
    """What a fragment answers that is none of this page: nothing, for a second. What came later is heard before the next run's end."""
    said = speaker.run(query, fragment=fragment, wait=1)
    if not said.finished and said.closed is None:
        said.text += speaker.run(query, wait=10).text
    return said


@pytest.mark.parametrize("who", [None, "portal"])
def test_a_stranger_and_a_contact_get_their_one_page_whatever_they_ask_for(speak, house, who):
    owner = speak("owner")
    theirs = owner.run(of_account(house), "overview")
    assert ("Eigen", "note") in words(theirs) and theirs.fragments and theirs.buttons
    allowed = {("Eigen", "account")} if who else set()
    speaker = speak(who)
    for page in PAGES if FULL else ("overview", "info"):
        said = speaker.run(of_account(house), page)
        assert said.finished and words(said) <= allowed, page
        if who is None:
            assert "Olga Owner" not in said.text
    # Fragments and widgets that belong to somebody else's page, and some that never were.
    for fragment in [*theirs.watching, *theirs.fragments[:3], "erfunden"]:
        assert words(asked_for_nothing(speaker, of_account(house), fragment)) <= allowed
    for widget in [*list(theirs.buttons.values())[:5], "$$ID-x-add-note"]:
        assert words(speaker.run(of_account(house), widgets=({"id": widget, "trigger_value": True},), wait=10)) <= allowed


@pytest.mark.parametrize("who", [None, "unassigned"])
def test_the_session_of_another_is_nobodys_bearer_token(speak, house, who):
    victim = speak("owner")
    session = victim.run(of_account(house), "overview").session
    assert session
    for still_there in (True, False):
        if not still_there:
            victim.close()
            time.sleep(0.3)
        thief = speak(who, session=session)
        for said in (thief.hear(1), thief.run("", ""), thief.run(of_account(house), "overview")):
            assert words(said) == set()
        thief.close()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:1"])
def test_another_site_opens_no_socket_even_with_the_cookie(house, origin):
    with pytest.raises(WebSocketException):
        Speaker(house.url, house.tokens["owner"], origin=origin)


def test_foreign_and_missing_accounts_read_the_same(speak, house):
    speaker = speak("assigned")
    seen = []
    for account in (house.firm.foreign, 987654, "9" * 30, "-1", "x'; DROP TABLE account;--"):
        said = speaker.run(f"account={account}", "overview")
        assert not {one for one in words(said) if one[0] == "Fremd"}
        sentence = re.search(r"Diesen Kunden gibt es nicht[^\x00-\x1f\"<]*", said.text)
        seen.append(sentence and sentence[0])
    assert seen[0] and set(seen) == {seen[0]}


def test_nobody_uploads_before_the_sign_in_or_into_anothers_session(speak, house):
    session = speak("owner").run(of_account(house), "info").session
    place = f"{house.url}/_stcore/upload_file/{session}/x"
    headers = {"Origin": house.url}
    assert httpx.put(place, files={"file": b"x" * 1000}, headers=headers).status_code == 403
    for who in ("unassigned", "portal"):
        answer = httpx.put(place, files={"file": b"x" * 1000}, cookies={"kundenblick": house.tokens[who]}, headers=headers)
        assert answer.status_code in (400, 403, 404), (who, answer.status_code)


# How somebody loses what they saw, by the command that takes it.
TAKEN = {
    "assignment": ("assigned", "user_unassign", {"email": "assigned@kanzlei.example", "number": "Kanarie"}),
    "right": ("sees_all", "user_rights", {"email": "sees.all@kanzlei.example", "rights": []}),
    "member": ("manages", "user_deactivate", {"email": "manages@kanzlei.example"}),
}


@pytest.mark.parametrize("what", TAKEN)
def test_what_is_taken_away_is_gone_at_once_everywhere(speak, house, what):
    who, name, arguments = TAKEN[what]
    page, other = speak(who), speak(who)
    shown = page.run(of_account(house), "overview")
    other.run(of_account(house), "overview")
    assert ("Eigen", "note") in words(shown) and shown.watching
    document = f"{house.url}/document/{house.firm.rows['Eigen']['document']}"
    cookies = {"kundenblick": house.tokens[who]}
    if "number" in arguments:
        arguments = arguments | {"number": "10001"}
    said: list[str] = []
    assert command(house.settings, name, arguments, said.append) == 0, said
    began = time.monotonic()
    # The next click, a callback of before, fragments of before, the route.
    assert words(other.run(of_account(house), "overview")) == set()
    for widget in list(shown.buttons.values())[:4]:
        assert words(page.run(of_account(house), widgets=({"id": widget, "trigger_value": True},), wait=10)) == set()
    for fragment in dict.fromkeys([*shown.fragments[:3], *shown.watching]):
        assert words(asked_for_nothing(page, of_account(house), fragment)) == set()
    assert httpx.get(document, cookies=cookies).status_code == 404
    # The page that only looks: its own next look draws it anew without the client.
    still = speak(who)
    assert words(still.run(of_account(house), "overview")) == set()
    assert time.monotonic() - began < 60


def test_a_page_whose_session_ends_is_closed_at_once_and_leads_to_the_sign_in(speak, house):
    page = speak("everything")
    assert ("Eigen", "note") in words(page.run(of_account(house), "overview"))
    assert command(house.settings, "user_deactivate", {"email": "everything@kanzlei.example"}, lambda _: None) == 0
    began = time.monotonic()
    after = page.hear(10)
    assert after.closed == SIGNED_OUT and words(after) == set() and time.monotonic() - began < 2
    # What a browser does by itself then: it connects again, with the cookie it still has, naming the page it had.
    again = speak("everything", session="x")
    assert "E-Mail-Adresse" in again.run(of_account(house), "overview").text


def test_no_word_of_a_client_stands_in_the_log(house):
    """The last: everything above has been said to this server, errors and refusals with it."""
    log = (house.data.parent / "server.log").read_text("utf-8", "replace")
    assert log and words_in(log) == set()
    assert "@kanzlei.example" not in log and not any(token in log for token in house.tokens.values())
