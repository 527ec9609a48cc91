"""Looking at the app as an employee: with their eyes, without hands, on record, and over when it should be."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from core.access.open_account import open_account
from core.access.preview import consequences
from core.access.verbs import VERBS, rights_of
from core.access.view_as import begin_view, end_view, sweep_views
from core.audit.log import AuditQuery, read_all
from core.base.errors import AccountNotFound, NotAllowed, NotFound, SignedOut, ViewingOnly
from core.base.rights import Right, Viewer
from core.base.tokens import hash_token
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.search import search
from core.identity.members import add_member, deactivate, set_role
from core.identity.sessions import end_session, start_session, viewer_of
from core.store import engine, now, reader, writer
from core.store.long_transaction import open_early_writer
from core.ui.audit.wording import did_word, who_word
from core.web.export_downloads import fetch, offer
from tests.test_access import ON_ACCOUNT, ON_FIRM, build_people

SYSTEM = Viewer.system("tests")
BY_LOOKING = {
    "document.mark_seen",
    "email.mark_read",
    "chat.mark_read",
}


@pytest.fixture
def firm(holding):
    """The small firm with a row of everything the verbs ask for."""
    return holding(build_people)


@pytest.fixture
def people(firm):
    return firm


@pytest.fixture
def looking(people, settings):
    """The owner looks as the assigned employee; (firm, hash of the owner's session, the viewer that session now is)."""
    token = hash_token(start_session(people.owner, "127.0.0.1", "test"))
    begin_view(people.viewer("owner"), people.assigned, token)
    return people, token, viewer_of(token, settings)


def everything_there_is() -> dict[str, list]:
    with writer(SYSTEM) as tx:
        tables = [row["table_name"] for row in tx.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'data'")]
        return {table: tx.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables}


def views() -> list[tuple]:
    with writer(SYSTEM) as tx:
        rows = tx.rows("SELECT * FROM audit_entry WHERE action IN ('view_began', 'view_ended') ORDER BY audit_entry_id")
    return [(row["action"], row["actor_kind"], row["actor_id"], row["entity_id"]) for row in rows]


def test_one_sees_what_the_employee_sees_and_no_more(looking):
    firm, _, viewer = looking
    assert viewer == Viewer.looking_as(firm.assigned, by=firm.owner) != firm.viewer("assigned")
    assert [row["account_id"] for row in list_accounts(viewer, AccountQuery()).rows] == [firm.own]
    assert search(viewer, "Schmidt") == [] and open_account(viewer, firm.own).account_id == firm.own
    with pytest.raises(AccountNotFound):
        open_account(viewer, firm.foreign)
    assert rights_of(viewer) == rights_of(firm.viewer("assigned"))


def test_no_verb_writes(looking):
    firm, _, _ = looking
    viewer = Viewer.looking_as(firm.everything, by=firm.owner)
    before = everything_there_is()
    calls = {verb: (open_account(viewer, firm.own), line[0], (*line, {})[2]) for verb, line in ON_ACCOUNT.items()}
    calls |= {verb: (viewer, arguments, named) for verb, (arguments, named, _) in ON_FIRM.items()}
    assert set(calls) == set(VERBS)
    for verb, (who, arguments, named) in calls.items():
        if verb in BY_LOOKING:
            assert VERBS[verb](who, *arguments(firm), **named) is None
            continue
        for attempt in (VERBS[verb], partial(consequences, VERBS[verb])):
            with pytest.raises(ViewingOnly):
                attempt(who, *arguments(firm), **named)
    assert everything_there_is() == before


def test_routes_follow_the_view_and_leave_no_trace(people, shell):
    client = shell("owner")
    token = hash_token(client.cookies["kundenblick"])
    kept = offer(people.viewer("owner"), "vorher.csv", "text/csv", lambda: b"x")
    begin_view(people.viewer("owner"), people.everything, token)
    assert client.get(f"/document/{people.document}").status_code in (200, 404)
    begin_view(people.viewer("owner"), people.assigned, token)
    assert client.get(f"/document/{people.foreign_document}").status_code == 404
    found = client.post("/search", content="Straßenbau", headers={"Origin": "http://testserver"})
    assert found.json()["found"] == []
    with reader(SYSTEM) as r:
        assert r.value("SELECT count(*) FROM document WHERE seen_at IS NOT NULL") == 0
    assert client.get(f"/export/{kept}").status_code == 404
    end_view(people.viewer("owner"), token)
    assert client.get(f"/export/{kept}").status_code == 200


def test_the_door_of_long_transactions_is_shut_too(looking):
    with pytest.raises(ViewingOnly), open_early_writer(engine(), looking[2]):
        pass


def test_nothing_is_taken_out_or_brought_in(looking):
    firm, _, _ = looking
    viewer = Viewer.looking_as(firm.everything, by=firm.owner)
    assert set(Right) - rights_of(viewer) == {Right.EXPORT_DATA, Right.IMPORT_DATA}
    with pytest.raises(NotAllowed):
        fetch(viewer, offer(viewer, "x.csv", "text/csv", lambda: b"x"))


@pytest.mark.parametrize(
    ("who", "whom", "may"),
    [
        ("owner", "admin", True),
        ("owner", "unassigned", True),
        ("owner", "owner2", False),
        ("owner", "owner", False),
        ("owner", "gone", False),
        ("admin", "assigned", True),
        ("admin", "admin2", False),
        ("admin", "owner", False),
        ("everything", "assigned", False),
        ("portal", "assigned", False),
        ("gone", "assigned", False),
    ],
)
def test_only_people_below_oneself(people, settings, who, whom, may):
    for name, role in (("admin", "admin"), ("admin2", "admin"), ("owner2", "owner")):
        setattr(people, name, add_member(SYSTEM, name=name, email=f"{name}@kanzlei.example", role=role))
    token = hash_token(start_session(people.viewer(who), "127.0.0.1", "test"))
    if may:
        begin_view(people.viewer(who), getattr(people, whom), token)
        assert viewer_of(token, settings).id == getattr(people, whom)
        return
    with pytest.raises((NotAllowed, NotFound, SignedOut)):
        begin_view(people.viewer(who), getattr(people, whom), token)
    assert views() == []


def test_not_through_the_session_of_somebody_else(people, settings):
    theirs = hash_token(start_session(people.assigned, "127.0.0.1", "test"))
    for token in (theirs, "erfunden", ""):
        with pytest.raises(NotFound):
            begin_view(people.viewer("owner"), people.unassigned, token)
    assert viewer_of(theirs, settings) == people.viewer("assigned")


def test_beginning_and_end_are_on_record_under_who_looked(looking, settings):
    firm, token, viewer = looking
    end_view(viewer.person, token)
    assert viewer_of(token, settings) == firm.viewer("owner")
    end_view(viewer.person, token)
    assert views() == [("view_began", "staff", firm.owner, firm.assigned), ("view_ended", "staff", firm.owner, firm.assigned)]
    told = [(who_word(row), did_word(row)) for row in read_all(firm.viewer("owner"), AuditQuery(kind="view_as"))]
    assert told == [("Olga Owner", "Ansicht wie Anna Zugeordnet beendet"), ("Olga Owner", "sieht die App wie Anna Zugeordnet")]


@pytest.mark.parametrize("how", ["time", "lowered", "raised", "employee gone", "left", "looker gone"])
def test_it_ends_by_itself(looking, settings, how):
    firm, token, viewer = looking
    if how == "time":
        with writer(SYSTEM) as tx:
            tx.execute("UPDATE session SET viewed_until = $at WHERE viewed_until IS NOT NULL", {"at": now() - timedelta(seconds=1)})
    elif how == "lowered":
        add_member(SYSTEM, name="Zweite", email="zweite@kanzlei.example", role="owner")
        set_role(SYSTEM, firm.owner, "employee")
    elif how == "raised":
        set_role(SYSTEM, firm.assigned, "owner")
    elif how == "employee gone":
        deactivate(SYSTEM, firm.assigned)
    elif how == "left":
        end_session(token)
    else:
        add_member(SYSTEM, name="Zweite", email="zweite@kanzlei.example", role="owner")
        deactivate(SYSTEM, firm.owner)
    assert viewer_of(token, settings) == (None if how in ("left", "looker gone") else firm.viewer("owner"))
    assert [row[0] for row in views()] == ["view_began", "view_ended"]
    if how not in ("time", "left"):
        with pytest.raises((NotAllowed, SignedOut)), reader(viewer):
            pass


def test_another_browser_of_the_same_person_sees_its_own(looking, settings):
    firm, _, _ = looking
    assert viewer_of(hash_token(start_session(firm.owner, "127.0.0.1", "other")), settings) == firm.viewer("owner")


def test_a_view_begun_by_a_clock_that_was_ahead_is_over(firm):
    with writer(SYSTEM) as tx:
        session = tx.insert(
            "session", token_hash="x", staff_member_id=firm.owner, created_at=now(), last_used_at=now(), viewed_member_id=firm.assigned,
            viewed_until=now() + timedelta(hours=2, minutes=30),
        )  # fmt: skip
    sweep_views()
    with reader(SYSTEM) as r:
        assert r.value("SELECT viewed_until FROM kundenblick.data.session WHERE session_id = $id", id=session) is None
