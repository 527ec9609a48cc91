"""A session that ended is over everywhere: what was opened before and is pressed after does nothing, whatever it is.

Generated: every form, dialog, list and page the code has (found in it, not listed) is opened over a real websocket with the page's own
hash; then the session ends, in every way one can end; then everything on it that can be pressed is pressed, and what can be typed into is
filled. Nothing of a client may be said afterwards, and no table may differ. Twice: with the app as it is, and with a guard that is blind,
so that the store alone stands in the way of what was drawn.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from urllib.parse import quote

import httpx
import pytest

from core.base.rights import Right
from core.base.tokens import hash_token
from core.identity.members import add_member
from core.operations.control_socket import run as command
from core.overview.catalogue import CATALOGUE
from core.store import now, writer
from core.web.sockets import SIGNED_OUT
from tests.attacks.ending import CONTACT, STAFF, SYSTEM
from tests.attacks.hostile import PAGES
from tests.attacks.hostile_house import House, openings, run_hostile
from tests.attacks.inputs import acts, call_at
from tests.attacks.protocol_client import Said, Speaker
from tests.attacks.size import FULL

TYPED = "danach getippt"
# A fragment that is gone answers nothing.
SHORT_S = 0.5
# A person has room for sixty sockets: what is opened is opened in parts of so many.
AT_ONCE = 40
# How many calls of a file no state below draws, and what they wait for; what they would do, they do as a viewer the store asks.
NOT_DRAWN = {
    "core/ui/clients/accounts_filters.py button": (1, "a filter that is set"),
    "core/ui/clients/views_menu.py button": (1, "a view that is kept"),
    "core/ui/audit/page.py dialog": (1, "an entry of the record that is chosen"),
    "core/ui/settings/backups.py fragment": (1, "a backup that is being made"),
    "core/ui/forms/edit_conflict.py button": (1, "a form whose record somebody else saved"),
    "core/ui/info/history.py button": (1, "an entry of the history that is chosen"),
    "core/ui/shell/page_scripts.py button": (1, "a form that went with the connection"),
    "core/ui/info/photo_form.py button": (1, "a client with a photo"),
    "core/ui/parts/problems.py fragment": (1, "a store that is away"),
    "core/ui/sign_in/profile.py button": (3, "a second factor of one's own"),
    "core/ui/team/page.py button": (1, "a member that is missing"),
    "core/ui/shell/view_as_bar.py button": (1, "eyes of somebody else: drawn only where these ways of ending run"),
}


def build_people(house: House) -> dict[str, dict[str, object]]:
    """One owner, one member with every right and one contact for each way of ending."""
    people: dict[str, dict[str, object]] = {}
    for way in STAFF:
        for kind, role in (("owner", "owner"), ("member", "employee")):
            member = add_member(SYSTEM, name=f"{kind} {way}", email=f"{kind}.{way.replace('_', '.')}@kanzlei.example", role=role)
            people[f"{kind} {way}"] = {"member": member, "below": house.firm.assigned}
    with writer(SYSTEM) as tx:
        # The sign-in says the firm's name: from here on the hostile text is that of clients, members and tags alone.
        tx.update("firm", tx.value("SELECT firm_id FROM firm"), name="Testkanzlei")
        for way in STAFF:
            for right in Right:
                tx.insert("staff_right", staff_member_id=people[f"member {way}"]["member"], right_key=right.value)
        for way in CONTACT:
            contact = tx.insert("contact", name=f"Kontakt {way}", created_at=now())
            address = tx.insert("contact_email", contact_id=contact, email=f"{way.replace('_', '.')}@kunde.example", created_at=now())
            account = house.firm.own
            if way == "archived":
                account = tx.insert("account", number="80001", name="Archiv", created_at=now())
            tx.insert("account_contact", account_id=account, contact_id=contact, created_at=now())
            tx.insert("email_access", account_id=account, contact_id=contact, contact_email_id=address, login=True, first_login_at=now())
            people[f"contact {way}"] = {
                "contact_email": address, "contact": contact, "account": account, "owner": house.firm.owner,
            }  # fmt: skip
    return people


@pytest.fixture(scope="module", params=["as it is", "blind guard"])
def house(request, tmp_path_factory):
    running = run_hostile(tmp_path_factory.mktemp("dying") / "data", build_people, blind=request.param == "blind guard")
    yield running
    running.stop()


def states(house) -> dict[str, tuple[str, str]]:
    """Everything that can be open: name → (page, query)."""
    firm, own = house.firm, f"account={house.firm.own}"
    found = {f"page {page}": (page, own if page in ("overview", "info") else "") for page in PAGES}
    found["page team member"] = ("team", f"member={firm.assigned}")
    for name, (page, about) in openings(house).items():
        over = own if page in ("overview", "info") else f"member={about['member']}" if "member" in about else ""
        found[f"form {name}"] = (page, f"{over}&open={name}&about={quote(json.dumps(about))}")
    for widget in CATALOGUE:
        found[f"list {widget.key}"] = ("overview", f"{own}&show=list&which={widget.key}")
        if widget.opens:
            found[f"opened {widget.opens}"] = ("overview", f"{own}&show={widget.opens}&which={house.house.rows[widget.opens]}")
    return found


def attack(house, way: str, **about: object) -> str:
    said: list[str] = []
    assert command(house.settings, "attack", {"way": way, "about": about}, said.append) == 0, said
    return said[-1] if said else ""


def pressed_everywhere(speaker: Speaker, query: str, shown: Said) -> list[Said]:
    """Press everything that was drawn at once, with something typed into what can be typed into: in each fragment, then on the page.

    One message for all: the first run after the end draws the sign-in, and with it everything earlier is gone.
    """
    typed = [state for widget in shown.widgets if (state := widget.typed(TYPED))]
    states = tuple(typed + [widget.pressed()[0] for widget in shown.widgets if widget.is_pressed])
    heard = [speaker.run(query, fragment=fragment, widgets=states, wait=SHORT_S) for fragment in dict.fromkeys(shown.fragments)]
    return [*heard, speaker.run(query, widgets=states, wait=10)]


OF_A_SESSION = ("left", "ended", "idle", "absolute", "view_began", "view_ended")
CASES = [
    *(("owner", way) for way in STAFF),
    *(("member", way) for way in STAFF if not way.startswith("view")),
    *(("contact", way) for way in CONTACT),
]
ORDINARY = {("owner", "left"), ("owner", "view_began"), ("member", "deactivated"), ("contact", "login_off")}


@pytest.mark.parametrize(("who", "way"), CASES if FULL else [case for case in CASES if case in ORDINARY])
def test_what_was_opened_before_does_nothing_after(house, who, way):
    about = house.more[f"{who} {way}"]
    every = states(house) if who != "contact" else {"page portal": ("", ""), "form photo": ("", f"open=photo&about={quote('{}')}")}
    if not FULL and who != "contact" and (who == "member" or house.blind):
        every = {name: every[name] for name in list(every)[::6]}
    tokens = [attack(house, "begin", **about) for _ in range(0, len(every), AT_ONCE)]
    hashes = [hash_token(token) for token in tokens]
    for token_hash in hashes if way == "view_ended" else ():
        attack(house, "view_began", token_hash=token_hash, **about)
    opened = {}
    for place, (name, (page, query)) in enumerate(every.items()):
        speaker = Speaker(house.url, tokens[place // AT_ONCE])
        shown = speaker.run(query, page, wait=90)
        assert shown.finished and shown.widgets, (name, "was not drawn")
        opened[name] = (speaker, query, shown)
    for token_hash in hashes if way in OF_A_SESSION else hashes[:1]:
        attack(house, way, token_hash=token_hash, **about)
    before = attack(house, "look")
    # A guard that is blind lets the page draw what these other eyes may see; nothing may be written all the same.
    sees_own = house.blind and way in ("view_began", "view_ended")
    for name, (speaker, query, shown) in opened.items():
        for said in pressed_everywhere(speaker, query, shown):
            assert sees_own or "evil.example" not in said.text, (name, "said something of a client")
            assert said.closed == (None if house.blind else SIGNED_OUT), (name, said.closed)
        speaker.close()
    assert differing(before, attack(house, "look")) == {}, "something was written"


def test_what_one_press_opened_does_nothing_after(house):
    """What is only drawn once something was pressed: each thing on each page is pressed, the session left, and all of it pressed again."""
    if not FULL:
        pytest.skip("the ordinary run opens a part; make attacks all")
    about, missed = house.more["owner left"], []
    for name, (page, query) in {name: state for name, state in states(house).items() if name.startswith("page")}.items():
        number = 0
        while True:
            token = attack(house, "begin", **about)
            speaker = Speaker(house.url, token)
            shown = speaker.run(query, page)
            presses = [state for widget in shown.widgets if widget.is_pressed for state in widget.pressed()]
            if number == len(presses):
                break
            after = speaker.run(query, widgets=(presses[number],), wait=10)
            number += 1
            if not after.finished:
                missed.append((name, number))
            attack(house, "left", token_hash=hash_token(token), **about)
            before = attack(house, "look")
            for said in pressed_everywhere(speaker, query, after):
                assert "evil.example" not in said.text, (name, presses[number - 1])
            speaker.close()
            assert differing(before, attack(house, "look")) == {}, (name, presses[number - 1])
        assert number, f"{name} offers nothing to press"
    assert len(missed) < 5, missed


def differing(before: str, after: str) -> dict[str, tuple[str, str]]:
    old, new = json.loads(before), json.loads(after)
    return {table: (old[table], new[table]) for table in new if old.get(table) != new[table]}


def test_everything_that_acts_was_opened(house):
    """What stands in the code with a callback, and each dialog and fragment, was drawn by a state above; else its reason is named."""
    if not FULL:
        pytest.skip("the ordinary run opens a part of them; make attacks all")
    known = acts()
    met = {call for line in house.notes.read_text("utf-8").splitlines() if (call := call_at(line.rpartition("\t")[2], known))}
    missing = Counter(name.rpartition(" ")[0] for name in set(known) - met)
    assert {name: number for name, number in missing.items() if number > NOT_DRAWN.get(name, (0, ""))[0]} == {}


def test_routes_and_uploads_end_with_the_session(house):
    """Before the end they answer; after it neither a document, a photo, an export nor an upload does, nor the taking back of one."""
    about = house.more["owner left"]
    token = attack(house, "begin", **about)
    page = Speaker(house.url, token)
    shown = page.run(f"account={house.firm.own}&open=document&about={quote('{}')}", "overview")
    listed = Speaker(house.url, token).run(f"account={house.firm.own}&show=list&which=notes", "overview")
    export = re.search(r"/export/[\w-]{32}", listed.text)[0]
    upload = f"/_stcore/upload_file/{shown.session}/datei"
    cookies, headers = {"kundenblick": token}, {"Origin": house.url}

    def asked() -> list[int]:
        files = {"file": b"x" * 1000}
        return [
            httpx.get(house.url + export, cookies=cookies).status_code,
            httpx.put(house.url + upload, files=files, cookies=cookies, headers=headers).status_code,
            httpx.delete(house.url + upload, cookies=cookies, headers=headers).status_code,
        ]

    alive = asked()
    # Without Streamlit's own token of the page an upload is refused later, by Streamlit.
    assert alive[0] == 200 and set(alive[1:]) <= {204, 403}
    attack(house, "left", token_hash=hash_token(token), **about)
    assert set(asked()) <= {403, 404}
