"""Finding an account, as product and people say it."""

from __future__ import annotations

import unicodedata

import pytest

from core.base.rights import Viewer
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.recent_accounts import recent, remember_opened
from core.clients.search import search
from core.clients.search_highlight import pieces
from core.store import now, writer
from tests.small_firm import build_firm

OURS = {"Origin": "http://testserver"}  # of what the app's own page asks
SYSTEM = Viewer.system("tests")


def build_clients(_):
    """The small firm with names that look like each other."""
    firm = build_firm()
    with writer(SYSTEM) as tx:
        for number, name in enumerate(
            (
                "Weber",
                "Weber & Söhne OHG",
                "Anna Weber",
                "Leineweber Textil",
                "Müller",
                "Mueller Bau",
                "Łukasz Øster",
                "Schmidt",
                "O'Neill *fett*",
            ),
            20001,
        ):
            account = tx.insert("account", number=str(number), name=name, created_at=now())
            contact = tx.insert("contact", name=name, created_at=now())
            tx.insert("account_contact", account_id=account, contact_id=contact, created_at=now())
            tx.insert("contact_email", contact_id=contact, email=f"kontakt{number}@post-{number}.example", created_at=now())
        archived = tx.insert("account", number="30001", name="Weber alt", created_at=now(), archived_at=now(), state="archived")
        assert archived
    return firm


@pytest.fixture
def firm(holding):
    return holding(build_clients)


@pytest.fixture
def clients(firm):
    return firm


def names(firm, text: str, who: str = "owner") -> list[str]:
    return [match.name for match in search(firm.viewer(who), text)]


def test_best_match_first(clients):
    found = names(clients, "weber")
    assert found[0] == "Weber"
    assert found.index("Weber & Söhne OHG") < found.index("Anna Weber") < found.index("Leineweber Textil")


@pytest.mark.parametrize("typed", ["Müller", "muller", "mueller", "MÜLLER", "mu\u0308ller"])
def test_umlauts_find_each_other(clients, typed):
    assert {"Müller", "Mueller Bau", "Müller/Weber GbR"} <= set(names(clients, typed))


@pytest.mark.parametrize("typed", ["Straßenbau", "strassenbau", "STRASSENBAU"])
def test_sharp_s(clients, typed):
    assert names(clients, typed)[0] == "Schmidt Straßenbau"


def test_letters_that_do_not_fall_apart(clients):
    assert names(clients, "lukasz oster") == ["Łukasz Øster"]


def test_words_in_any_order(clients):
    assert names(clients, "söhne web") == ["Weber & Söhne OHG"]


def test_a_typo_still_finds_when_nothing_matches(clients):
    assert "Schmidt" in names(clients, "Schmitd")


def test_by_number(clients):
    match = search(clients.viewer("owner"), "20005")[0]
    assert (match.name, match.reason) == ("Müller", "number")


def test_by_a_part_of_an_address_with_the_reason(clients):
    match = search(clients.viewer("owner"), "post-20003")[0]
    assert (match.name, match.reason, match.detail) == ("Anna Weber", "email", "kontakt20003@post-20003.example")


def test_archived_ones_are_marked(clients):
    assert [m.archived for m in search(clients.viewer("owner"), "weber alt")] == [True]


def test_only_accounts_the_viewer_may_see(clients):
    assert names(clients, "weber", "assigned") == ["Müller/Weber GbR"]
    assert names(clients, "Schmidt", "assigned") == []
    assert names(clients, "weber", "unassigned") == []
    assert names(clients, "weber", "portal") == []


def test_a_new_name_is_found_at_once(clients):
    with writer(SYSTEM) as tx:
        tx.update("account", clients.foreign, name="Ganz Anders")
    assert names(clients, "ganz") == ["Ganz Anders"]
    assert "Schmidt Straßenbau" not in names(clients, "strassenbau")


@pytest.mark.parametrize(
    "typed", ["", " ", "%", "_", "'", '"; DROP TABLE account; --', "x" * 10_000, "😀", "\u202eabc", "\x00", "a b c d e f g h i j k"]
)
def test_hostile_words_give_a_list(clients, typed):
    assert isinstance(search(clients.viewer("owner"), typed), list)


def test_the_accounts_opened_last(clients):
    remember_opened(clients.account("own"))
    remember_opened(clients.account("empty"))
    remember_opened(clients.account("own"))
    assert [match.account_id for match in recent(clients.viewer("owner"))] == [clients.own, clients.empty]
    assert recent(clients.viewer("everything")) == []


@pytest.mark.parametrize("typed", ["mueller b", "müller b", "muller bau", "bau müller"])
def test_two_words_in_every_spelling(clients, typed):
    assert names(clients, typed)[0] == "Mueller Bau"


def test_the_inside_of_a_word_stands_before_an_address(clients):
    with writer(SYSTEM) as tx:
        contact = tx.insert("contact", name="x", created_at=now())
        tx.insert("account_contact", account_id=clients.empty, contact_id=contact, created_at=now())
        tx.insert("contact_email", contact_id=contact, email="textil@irgendwo.example", created_at=now())
        tx.insert("account", number="40001", name="Feintextilien", created_at=now())
    assert names(clients, "textil") == ["Leineweber Textil", "Feintextilien", "Leer AG"]


def test_a_quick_answer_holds_the_beginnings_and_the_whole_one_more(clients):
    viewer = clients.viewer("owner")
    quick = [match.name for match in search(viewer, "weber", quick=True)]
    assert "Leineweber Textil" not in quick and quick[0] == "Weber"
    assert set(quick) < set(names(clients, "weber"))
    assert [match.name for match in search(viewer, "eineweb", quick=True)] == ["Leineweber Textil"]


@pytest.mark.parametrize(("typed", "found"), [("Schmitd", "Schmidt"), ("Leinewebr", "Leineweber Textil"), ("Achmidt", "Schmidt")])
def test_typos(clients, typed, found):
    assert found in names(clients, typed)


def test_a_typo_in_one_of_two_words(clients):
    assert names(clients, "Anna Webre")[0] == "Anna Weber"


def test_the_exact_name_comes_first_among_very_many(clients):
    with writer(SYSTEM) as tx:
        for number in range(150):
            tx.insert("account", number=f"5{number:04}", name=f"Huber {number:03} GmbH", created_at=now())
        tx.insert("account", number="60001", name="Huber", created_at=now())
        tx.insert("account", number="60002", name="Hüber", created_at=now())
    assert names(clients, "huber")[:2] == ["Huber", "Hüber"]
    assert names(clients, "hüber")[0] in ("Huber", "Hüber")


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("Müller/Weber GbR", "mu web", "[Mü]ller/[Web]er GbR"),
        ("Müller", "muell", "[Müll]er"),
        ("Mueller Bau", "müller", "[Mueller] Bau"),
        ("Straßenbau", "strasse", "[Straße]nbau"),
        ("Leineweber", "weber", "Leine[weber]"),
        ("<b>fett</b>", "fett", "<b>[fett]</b>"),
        ("Anna", "x", "Anna"),
        ("", "x", ""),
    ],
)
def test_what_answers_is_highlighted(text, query, shown):
    assert "".join(f"[{part}]" if hit else part for part, hit in pieces(text, query)) == shown


@pytest.mark.parametrize("typed", ["%", "\u202e", "ﬁ", "İx", "ǰ", "😀", "a\u0301", "ae oe ue"])
def test_highlighting_keeps_every_letter(typed):
    for text in ("İstanbul ﬁnanz ǰ", "Ae Oe Ue Ää", "😀 100 %"):
        assert "".join(part for part, _ in pieces(text, typed)) == unicodedata.normalize("NFC", text)


def test_the_route_answers_who_is_signed_in_with_their_accounts_only(clients, shell):
    def asked(who, text, query=""):
        return shell(who).post(f"/search{query}", content=text, headers=OURS)

    answer = asked("owner", "weber", "?quick")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store"
    assert answer.json()["found"][0]["name"] == [["Weber", True]] and answer.json()["more"]
    assert [one["id"] for one in asked("assigned", "weber").json()["found"]] == [clients.own]
    assert asked("unassigned", "weber").json() == {"found": [], "rest": False, "more": False, "trouble": ""}
    assert asked(None, "weber").status_code == 403
    assert asked("owner", b"\xff\xfe%_'\"").json()["found"] == []
    assert asked("owner", "x" * 10_000).status_code == 413
    assert shell("owner").get("/search").status_code == 405


def test_a_page_of_another_site_finds_nothing(clients, shell):
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        answer = shell("owner").post("/search", content="weber", headers=headers)
        assert (answer.status_code, answer.content) == (403, b"")


def test_a_number_is_found_with_its_signs_and_beside_a_telephone_number(clients):
    with writer(SYSTEM) as tx:
        for number, name in (("40001/24", "Alpha"), ("40001/25", "Beta"), ("A-77.3", "Gamma")):
            account = tx.insert("account", number=number, name=name, created_at=now())
            contact = tx.insert("contact", name=f"Kontakt {name}", phone="+49 421 4711", created_at=now())
            tx.insert("account_contact", account_id=account, contact_id=contact, created_at=now())
    owner = clients.viewer("owner")
    for typed, name in (
        ("40001/24", "Alpha"),
        ("40001 25", "Beta"),
        ("A-77.3", "Gamma"),
        ("04214711 40001/24", "Alpha"),
    ):
        assert [(match.name, match.is_guess) for match in search(owner, typed)] == [(name, False)], typed
        assert [row["name"] for row in list_accounts(owner, AccountQuery(text=typed)).rows] == [name], typed


def test_the_first_letters_are_answered_anew_after_a_change(clients):
    owner, assigned = clients.viewer("owner"), clients.viewer("assigned")
    assert "Weber" in [match.name for match in search(owner, "Web", quick=True)]
    assert [match.name for match in search(assigned, "Web", quick=True)] == ["Müller/Weber GbR"]
    with writer(SYSTEM) as tx:
        tx.insert("account", number="50001", name="Webstuhl", created_at=now())
        tx.delete("assignment", {"account_id": clients.own, "staff_member_id": clients.assigned})
    assert "Webstuhl" in [match.name for match in search(owner, "Web", quick=True)]
    assert search(assigned, "Web", quick=True) == []


@pytest.fixture
def posts(clients):
    """``Leer AG`` has a contact with two addresses; ``O’Brien „Pub“`` is a client."""
    with writer(SYSTEM) as tx:
        contact = tx.insert("contact", name="x", created_at=now())
        tx.insert("account_contact", account_id=clients.empty, contact_id=contact, created_at=now())
        for email in ("mahmoud.baecker@spedition.example", "schroeder-grauhof@spedition.example"):
            tx.insert("contact_email", contact_id=contact, email=email, created_at=now())
        tx.insert("account", number="40002", name="O’Brien „Pub“", created_at=now())
    return clients


@pytest.mark.parametrize(
    "typed", ["bäcker", "backer", "baecker", "backer@sped", "bäcker@sped", "sped backer", "backer mahm", "schroder-grau", "schröder"]
)
def test_umlauts_find_each_other_in_addresses_too(posts, typed):
    match = search(posts.viewer("owner"), typed)[0]
    assert (match.name, match.reason) == ("Leer AG", "email")
    assert ("baecker" if "cker" in typed else "schroeder") in match.detail


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("O’Neill", "O'Neill *fett*"),
        ("O'Neill", "O'Neill *fett*"),
        ("o`neill", "O'Neill *fett*"),
        ("O'Brien", "O’Brien „Pub“"),
        ('O’Brien "Pub"', "O’Brien „Pub“"),
        ("„Müller“", "Müller"),
        ("»Müller«", "Müller"),
        ("(Weber)", "Weber"),
        ("Weber, Anna", "Anna Weber"),
        ("<mahmoud.baecker@spedition.example>", "Leer AG"),
        ("Kontakt <kontakt20003@post-20003.example>;", "Anna Weber"),
    ],
)
def test_what_stands_around_a_pasted_word_is_not_looked_for(posts, typed, found):
    assert names(posts, typed)[0] == found


def test_that_there_are_more_matches_than_shown_is_told(clients, shell):
    with writer(SYSTEM) as tx:
        for number in range(12):
            tx.insert("account", number=f"5{number:04}", name=f"Huber {number:03} GmbH", created_at=now())
    for query in ("", "?quick"):
        answer = shell("owner").post(f"/search{query}", content="huber", headers=OURS).json()
        assert (len(answer["found"]), answer["rest"]) == (12, False)
    with writer(SYSTEM) as tx:
        tx.insert("account", number="60001", name="Huber", created_at=now())
    for query in ("", "?quick"):
        answer = shell("owner").post(f"/search{query}", content="huber", headers=OURS).json()
        assert (len(answer["found"]), answer["rest"], answer["more"]) == (12, True, False)
