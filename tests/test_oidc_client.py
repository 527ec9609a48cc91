"""Sign-in by the firm's identity provider, over our own routes: a real provider, and one that says what is not so."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import OctKey
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from core.base.config import read_settings
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.i18n import t
from core.identity import throttle
from core.identity.members import deactivate
from core.identity.oidc_subject import AnotherPerson, Subject, forget_provider_person
from core.identity.second_factor import set_sign_in_rules
from core.identity.sessions import start_session, viewer_of
from core.identity.sign_in_tickets import mint, redeem
from core.operations.control_socket import perform
from core.operations.startup_checks import dangers
from core.store import reader, writer
from core.web.guard import Guard
from core.web.routes import routes
from tests.oidc.running import AsksWho, RealProvider, configured, key, liar, sign_in_at, sign_out_at

OURS = "http://testserver"
SYSTEM = Viewer.system("tests")


@pytest.fixture(scope="module")
def real():
    provider = RealProvider(OURS)
    yield provider
    provider.stop()


@pytest.fixture
def lying(firm, settings):
    with liar() as provider:
        yield provider


class Person:
    """A browser in front of our routes."""

    def __init__(self, settings) -> None:
        self.settings = settings
        app = Starlette(routes=routes(settings), middleware=[Middleware(Guard, settings=settings)])
        self.client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)

    def begin(self, back: str = "/") -> str:
        return self.client.get("/auth/oidc", params={"back": back}).headers["location"]

    def comes_back(self, callback: str):
        return self.client.get(callback, headers={"Sec-Fetch-Site": "cross-site"})

    @property
    def viewer(self) -> Viewer | None:
        cookie = self.client.cookies.get("kundenblick")
        return viewer_of(hash_token(cookie), self.settings) if cookie else None


@pytest.fixture
def person(real, firm, settings):
    throttle._counts.clear()
    ours = configured(settings.data, real.issuer, real.secret, OURS)
    return lambda: Person(ours)


def sign_in(person: Person, login: str, back: str = "/"):
    return person.comes_back(sign_in_at(person.begin(back), login, OURS))


def actions(action: str) -> list[tuple]:
    with reader(SYSTEM) as r:
        return [(row["entity_id"], row["new_value"]) for row in r.rows("SELECT * FROM audit_entry WHERE action = $a ORDER BY 1", a=action)]


def test_whose_verified_address_stands_in_the_team_is_in_where_they_wanted_to_go(person, real, firm):
    browser = person()
    answer = sign_in(browser, "owner@kanzlei.example", "/overview?account=7")
    assert (answer.status_code, answer.headers["location"]) == (303, "/overview?account=7")
    assert browser.viewer == Viewer.staff(firm.owner)
    assert "kundenblick-oidc" not in browser.client.cookies
    assert actions("signed_in") == [(firm.owner, real.issuer)]


@pytest.mark.parametrize("login", ["stranger@kanzlei.example", "deactivated", "maria@mueller.example"])
def test_unknown_deactivated_and_client_look_alike(person, firm, login):
    if login == "deactivated":
        deactivate(SYSTEM, firm.assigned)
        login = "assigned@kanzlei.example"
    browser = person()
    assert sign_in(browser, login).headers["location"] == "/?oidc=unknown"
    assert (browser.viewer, actions("sign_in_failed")) == (None, [(None, None)])


def test_an_address_nobody_verified_lets_nobody_in(person, firm, caplog):
    browser = person()
    assert sign_in(browser, "unverified:owner@kanzlei.example").headers["location"] == "/?oidc=failed"
    assert browser.viewer is None
    [refused] = [record.data for record in caplog.records if getattr(record, "event", "") == "provider_refused"]
    assert refused == {"why": "no verified address", "address": "testclient"}


def test_a_callback_counts_once_and_only_in_the_browser_that_asked(person, real, caplog):
    caplog.set_level(logging.DEBUG)
    browser, other = person(), person()
    mine = sign_in_at(browser.begin(), "owner@kanzlei.example", OURS)
    other.begin()
    stranger = TestClient(browser.client.app, follow_redirects=False)
    for somebody_else in (other, stranger):
        get = somebody_else.comes_back if isinstance(somebody_else, Person) else somebody_else.get
        assert get(mine).headers["location"] == "/?oidc=failed"
    kept = dict(browser.client.cookies)
    assert browser.comes_back(mine).headers["location"] == "/"
    thief = TestClient(browser.client.app, follow_redirects=False, cookies={"kundenblick-oidc": kept["kundenblick-oidc"]})
    assert thief.get(mine).headers["location"] == "/?oidc=failed", "the same state and code again"
    assert "kundenblick" not in thief.cookies
    state, code = (parse_qs(urlsplit(mine).query)[key][0] for key in ("state", "code"))
    again = person()
    fresh = parse_qs(urlsplit(again.begin()).query)["state"][0]
    assert again.comes_back(f"/auth/oidc/callback?state={fresh}&code={code}").headers["location"] == "/?oidc=failed", "a code used up"
    said = " ".join(str(vars(record)) for record in caplog.records if record.name == "kundenblick")
    assert not [secret for secret in (real.secret, state, code, kept["kundenblick-oidc"]) if secret in said]


@pytest.mark.parametrize("query", ["", "?state=&code=", "?state=erfunden&code=x", "?error=access_denied&state=x", "?code=" + "x" * 5000])
def test_nonsense_for_a_callback_is_one_sentence(person, query):
    assert person().comes_back(f"/auth/oidc/callback{query}").headers["location"] == "/?oidc=failed"


def test_guessing_at_the_callback_is_slowed(person):
    browser = person()
    for _ in range(throttle.FREE_TRIES["provider"] + 1):
        browser.comes_back("/auth/oidc/callback?state=x&code=y")
    mine = sign_in_at(browser.begin(), "owner@kanzlei.example", OURS)
    assert browser.comes_back(mine).headers["location"] == "/?oidc=failed"
    throttle._counts.clear()


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb: c"])
def test_the_way_back_never_leads_elsewhere(person, back):
    assert sign_in(person(), "owner@kanzlei.example", back).headers["location"] == "/"


def test_the_question_is_bound_to_the_browser_by_everything_there_is(person):
    asked = [parse_qs(urlsplit(person().begin()).query) for _ in range(2)]
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["scope"] == ["openid email"]
    assert [key for key in ("state", "nonce", "code_challenge") if asked[0][key] == asked[1][key] or len(asked[0][key][0]) < 40] == []


def test_who_was_refused_is_asked_anew_who_it_is(person):
    asked = [parse_qs(urlsplit(person().client.get(f"/auth/oidc{query}").headers["location"]).query) for query in ("", "?anew=1")]
    assert [question.get("prompt") for question in asked] == [None, ["login"]]


def test_a_wrong_nonce_from_the_real_provider(person):
    browser = person()
    where = browser.begin()
    nonce = parse_qs(urlsplit(where).query)["nonce"][0]
    assert (
        browser.comes_back(sign_in_at(where.replace(nonce, "x" * 43), "owner@kanzlei.example", OURS)).headers["location"] == "/?oidc=failed"
    )


def test_our_own_factor_stands_behind_the_provider_as_behind_a_password(person, real, firm):
    set_sign_in_rules(SYSTEM, roles=("owner",))
    browser = person()
    where = sign_in(browser, "owner@kanzlei.example", "/team?a=b").headers["location"]
    assert where.startswith("/team?a=b&step=")
    assert browser.viewer is None
    token = parse_qs(urlsplit(where).query)["step"][0]
    assert browser.client.get(f"/auth/enter?ticket={token}").headers["location"] == "/", "a ticket for the step opens no door"
    assert browser.viewer is None
    again = parse_qs(urlsplit(sign_in(person(), "owner@kanzlei.example").headers["location"]).query)["step"][0]
    ticket = redeem(again, "step")
    assert (ticket.viewer, ticket.subject.issuer, redeem(again, "step")) == (Viewer.staff(firm.owner), real.issuer, None)


def leave(person: Person):
    return person.client.post("/auth/leave", headers={"Origin": OURS})


def test_who_came_by_the_provider_leaves_there_as_well(person, real, firm):
    browser = person()
    with httpx.Client(timeout=30) as at_provider:
        callback = sign_in_at(browser.begin(), "owner@kanzlei.example", OURS, at_provider)
        browser.comes_back(callback)
        assert browser.viewer == Viewer.staff(firm.owner)
        again = sign_in_at(browser.begin(), None, OURS, at_provider)
        assert urlsplit(again).path == "/auth/oidc/callback", "the provider knows this browser and asks nothing"
        cookie = browser.client.cookies["kundenblick"]
        gone = leave(browser)
        assert viewer_of(hash_token(cookie), browser.settings) is None, "out here, whatever is answered there"
        where = gone.headers["refresh"].removeprefix("0; url=")
        assert (gone.status_code, urlsplit(where).path) == (200, "/session/end")
        assert "Kanzlei-Login &lt;b&gt;" in gone.text and "owner" not in where
        assert sign_out_at(where, OURS, at_provider) == f"{OURS}/"
        with pytest.raises(AsksWho):
            sign_in_at(browser.begin(), None, OURS, at_provider)


def test_leaving_leads_nowhere_else_for_whom_it_is_not_meant(person, real, firm, settings):
    # Signed in with a password, or not at all; the setting off.
    for viewer in (Viewer.staff(firm.assigned), None):
        browser = person()
        if viewer:
            browser.client.cookies.set("kundenblick", start_session(viewer, "127.0.0.1", "x"))
        assert (leave(browser).status_code, leave(browser).headers["location"]) == (303, "/")
    off = Person(replace(configured(settings.data, real.issuer, real.secret, OURS), oidc_leave=False))
    sign_in(off, "owner@kanzlei.example")
    assert leave(off).headers["location"] == "/"


@pytest.mark.parametrize("end", [None, "ftp://localhost/end", "javascript:alert(1)"])
def test_a_provider_without_a_way_out_or_with_an_odd_one_leads_nowhere(lying, settings, firm, end):
    lying.extra = {"end_session_endpoint": end} if end else {}
    browser = Person(configured(settings.data, lying.issuer, "geheim" * 8, OURS))
    browser.client.cookies.set(
        "kundenblick", start_session(Viewer.staff(firm.owner), "127.0.0.1", "x", subject=Subject(lying.issuer, "k", "1"))
    )
    assert leave(browser).headers["location"] == "/"


def test_a_provider_that_is_down_is_said_and_comes_back(person, real, firm):
    browser = person()
    where = sign_in_at(browser.begin(), "owner@kanzlei.example", OURS)
    real.stop()
    assert browser.comes_back(where).headers["location"] == "/?oidc=silent"
    assert person().begin() == "/?oidc=silent", "before its description was ever read"
    real.start()
    assert sign_in(browser, "owner@kanzlei.example").headers["location"] == "/"


# What a token says that is not so, or how it is signed, and where that leads.
LIES = {
    "honest": ({}, {}, "/"),
    "issuer": ({"iss": "https://elsewhere.example"}, {}, "/?oidc=failed"),
    "audience": ({"aud": "another-client"}, {}, "/?oidc=failed"),
    "two_audiences": ({"aud": ["kundenblick", "another-client"]}, {}, "/?oidc=failed"),
    "expired": ({"exp": int(time.time()) - 3600}, {}, "/?oidc=failed"),
    "no_end": ({"exp": None}, {}, "/?oidc=failed"),
    "nonce": ({"nonce": "of-somebody-else"}, {}, "/?oidc=failed"),
    "no_nonce": ({"nonce": None}, {}, "/?oidc=failed"),
    "nobody": ({"sub": None}, {}, "/?oidc=failed"),
    "no_name": ({"sub": ""}, {}, "/?oidc=failed"),
    "name_no_text": ({"sub": 1}, {}, "/?oidc=failed"),
    "unverified": ({"email_verified": False}, {}, "/?oidc=failed"),
    "verified_in_words": ({"email_verified": "true"}, {}, "/?oidc=failed"),
    "address_no_text": ({"email": ["owner@kanzlei.example"]}, {}, "/?oidc=failed"),
    "signed_by_another": ({}, {"signed_with": key("another")}, "/?oidc=failed"),
    "signed_with_our_secret": ({}, {"signed_with": OctKey.import_key("geheim" * 8), "header": {"alg": "HS256"}}, "/?oidc=failed"),
    "unsigned": ({}, {"signed_with": OctKey.import_key("x" * 32), "header": {"alg": "none"}}, "/?oidc=failed"),
    "calls_itself_otherwise": ({}, {"extra": {"issuer": "https://elsewhere.example"}}, "/?oidc=silent"),
    "leads_out_of_https": ({}, {"extra": {"token_endpoint": "ftp://localhost/token"}}, "/?oidc=silent"),
}


def test_what_a_token_must_be(firm, settings):
    for lie, (claims, made_otherwise, leads_to) in LIES.items():
        throttle._counts.clear()
        with liar() as lying:
            lying.claims = claims
            for what, value in made_otherwise.items():
                setattr(lying, what, value)
            browser = Person(configured(settings.data, lying.issuer, "geheim" * 8, OURS))
            where = browser.begin()
            if where.startswith("/"):
                assert where == leads_to, lie
                continue
            asked = parse_qs(urlsplit(where).query)
            lying.nonce = asked["nonce"][0]
            answer = browser.comes_back(f"/auth/oidc/callback?state={asked['state'][0]}&code=x")
            assert answer.headers["location"] == leads_to, lie
            assert browser.viewer == (Viewer.staff(firm.owner) if lie == "honest" else None), lie
            [(_, sent, authorization)] = [asked for asked in lying.asked if asked[0] == "/token"]
            assert len(sent["code_verifier"][0]) >= 43
            assert authorization.startswith("Basic ")


def test_another_person_with_the_same_address_is_refused_until_they_are_let_in(person, real, firm, settings):
    owner, another = "owner@kanzlei.example", "another:owner@kanzlei.example"
    for login, leads_to in ((owner, "/"), (owner, "/"), (another, "/?oidc=another"), (owner, "/")):
        browser = person()
        assert sign_in(browser, login).headers["location"] == leads_to
        assert browser.viewer == (Viewer.staff(firm.owner) if leads_to == "/" else None)
    assert actions("provider_person_kept") == [(firm.owner, real.issuer)]
    assert actions("another_person") == [(firm.owner, None)]
    with reader(SYSTEM) as r:
        assert owner not in str(r.rows("SELECT * FROM provider_person")), "what the provider calls people is kept as a hash"
    # The one who took the second step meanwhile, or was quicker, does not change whose it is.
    ticket = mint(firm.owner, "/", subject=Subject(real.issuer, "kundenblick", another))
    browser = person()
    assert browser.client.get(f"/auth/enter?ticket={ticket}").headers["location"] == "/?oidc=another"
    assert browser.viewer is None
    said: list[str] = []
    assert [perform(settings, "user_forget_provider", {"email": owner}, said.append) for _ in range(2)] == [0, 1]
    assert actions("provider_person_forgotten") == [(firm.owner, None)]
    assert sign_in(person(), another).headers["location"] == "/"
    assert sign_in(person(), owner).headers["location"] == "/?oidc=another"


def test_one_person_at_the_provider_is_one_member_whatever_the_address(firm):
    def comes(member: int, subject: Subject) -> bool:
        try:
            start_session(member, "10.0.0.1", "x", subject=subject)
        except AnotherPerson:
            return False
        return True

    first = Subject("https://a.example", "k", "1")
    assert comes(firm.assigned, first)
    with writer(SYSTEM) as tx:
        tx.update("staff_member", firm.assigned, email="neuer.name@kanzlei.example")
    assert comes(firm.assigned, first), "the address changed, the person did not"
    assert not comes(firm.unassigned, first), "somebody else's"
    deactivate(SYSTEM, firm.assigned)
    assert comes(firm.unassigned, first), "who left and came back under another address"
    # Another provider, or another name of ours there, calls everybody otherwise.
    for anew in (replace(first, issuer="https://b.example"), replace(first, known_as="l")):
        assert comes(firm.unassigned, replace(anew, name="2"))
        assert not comes(firm.unassigned, replace(anew, name="3"))
    forget_provider_person(Viewer.staff(firm.owner), firm.unassigned)
    assert comes(firm.unassigned, first)


def test_two_factors_at_the_provider_are_enough(lying, settings, firm):
    set_sign_in_rules(SYSTEM, roles=("owner",))
    for ways, leads_to in ((["pwd", "mfa"], "/"), (["pwd"], "/?step="), ("mfa", "/?step=")):
        browser = Person(configured(settings.data, lying.issuer, "geheim" * 8, OURS))
        asked = parse_qs(urlsplit(browser.begin()).query)
        lying.nonce, lying.claims = asked["nonce"][0], {"amr": ways}
        location = browser.comes_back(f"/auth/oidc/callback?state={asked['state'][0]}&code=x").headers["location"]
        assert location.startswith(leads_to)
        assert (location == "/") == (leads_to == "/")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"oidc_issuer": "https://a.example"}, "half_provider"),
        ({"oidc_client_id": "k", "oidc_client_secret_file": __file__}, "half_provider"),
        ({"oidc_issuer": "http://a.example", "oidc_client_id": "k", "oidc_client_secret_file": __file__}, "plain_provider"),
        ({"oidc_issuer": "https://a.example", "oidc_client_id": "k", "oidc_client_secret_file": "/nowhere"}, "no_secret"),
    ],
)
def test_half_a_provider_is_refused_at_start(tmp_path, values, code):
    settings = read_settings({"KUNDENBLICK_DATA": str(tmp_path)}, public_url="http://localhost:8501" if len(values) > 2 else "", **values)
    found = {found: filled for found, filled in dangers(settings, 1000)}
    assert code in found
    assert t(f"errors.unsafe_{code}", **found[code])


def test_no_provider_no_door(shell):
    assert shell().get("/auth/oidc").status_code == 404
