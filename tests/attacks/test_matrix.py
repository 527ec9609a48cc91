"""Everybody × every verb, every read, every table, every route × own, foreign, missing. All of it is found in the code.

A verb, read or route that is new and cannot be called here fails, and so needs its line. One store serves all calls: a verb's
transaction is taken back, so that only the refusal or the permission is seen.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from contextlib import contextmanager
from datetime import datetime
from functools import cache

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

import core
import core.access.verbs
from core.access.access_for_many import Place
from core.access.open_account import OpenAccount
from core.access.verbs import VERBS
from core.activity.cohorts import Cohort
from core.activity.measures import MEASURES
from core.activity.own_queries import Answer
from core.activity.picks import Pick
from core.activity.reading import Wanted
from core.base.errors import AccountNotFound, AppError, NotAllowed, NotFound, SignedOut, ValidationFailed
from core.base.rights import Viewer
from core.clients.account_record import Change
from core.i18n import t
from core.identity.sessions import start_session
from core.overview.catalogue import CATALOGUE
from core.store import now, reader, writer
from core.store.tables import TABLES
from core.web.export_downloads import offer
from core.web.guard import Guard, cookie_name
from core.web.routes import routes
from tests.attacks.canary_firm import SYSTEM, build_filled, word
from tests.attacks.size import FULL
from tests.test_access import ON_ACCOUNT, ON_FIRM

KINDS = ("owner", "admin", "everything", "sees_all", "manages", "assigned", "auditor", "unassigned", "portal", "gone", "nobody")
# In the ordinary run: for verbs those the access tests have none of, for reads one of each manner of seeing.
OF_VERBS = KINDS if FULL else ("admin", "manages")
OF_READS = KINDS if FULL else ("manages", "portal")
SEE_OWN = {"owner", "admin", "everything", "sees_all", "manages", "assigned"}
SEE_FOREIGN = {"owner", "admin", "everything", "sees_all"}
MISSING = 987654
LEADS = {"owner", "admin", "everything"}
# Words of these tables need a right beside the account.
MONEY = {"invoice", "invoice_line", "payment", "credit"}
REFUSED = (NotAllowed, NotFound, AccountNotFound, SignedOut)

for module in pkgutil.walk_packages(core.__path__, "core."):
    if not module.name.startswith(("core.ui", "core.__main__", "core.operations.cli")):
        importlib.import_module(module.name)


@pytest.fixture
def firm(holding, settings):
    filled = holding(build_filled)
    filled.settings = settings
    return filled


def viewer_of_kind(firm, kind: str) -> Viewer:
    return Viewer.contact(firm.address) if kind == "portal" else Viewer.staff(getattr(firm, kind))


def held(firm, kind: str, which: str) -> OpenAccount:
    """What a page of that person may hold, whether the account is theirs, foreign or none at all."""
    account = {"own": firm.own, "foreign": firm.foreign, "missing": MISSING}[which]
    return OpenAccount(viewer_of_kind(firm, kind), account, "1", "x", "person", "active", None, 1)


def may_see(kind: str, which: str) -> bool:
    return which != "missing" and kind in (SEE_OWN if which == "own" else SEE_FOREIGN)


class Undone(Exception):
    """The verb went through, and its transaction is taken back."""


@pytest.fixture
def tried(monkeypatch):
    """Calls a verb whose writes are taken back; True when it went through, else the error."""

    @contextmanager
    def taken_back(viewer: Viewer):
        with writer(viewer) as tx:
            yield tx
            raise Undone

    monkeypatch.setattr(core.access.verbs, "writer", taken_back)

    def call(verb, *arguments, **named):
        try:
            verb(*arguments, **named)
        except Undone:
            return True
        except ValidationFailed:
            return True  # whoever is told what is wrong with a value was let in
        except AppError as problem:
            return problem
        return False

    return call


# Who else may, beside what stands in the lines of the access tests: kinds there are none of.
LIKE = {"admin": "owner", "sees_all": "assigned", "manages": "everything", "auditor": "unassigned", "nobody": "gone"}
EXCEPTIONS = {
    # The owner's own thing, or about owners and admins.
    *((verb, "admin") for verb in (
        "saved_view.delete", "saved_query.delete", "cohort.forget", "session.end", "recovery_code.renew", "staff_member.set_role",
        "second_factor.remove", "session.begin_view", "session.end_view", "time_entry.edit", "audit_entry.erase",
    )),
    # A contact that is linked to clients of others only is not there for who does not see those.
    ("account_contact.link", "manages"),
}  # fmt: skip
BY_RIGHT = {
    ("audit_entry.read", "auditor"), ("account.create", "manages"),
    *((verb, "manages") for verb in ("account.archive_many", "account.restore_many", "email_access.give_many")),
}  # fmt: skip
# What the person named in those lines does to herself.
OWN_OF_UNASSIGNED = {"staff_member.set_password", "recovery_code.renew", "second_factor.remove"}


def expected(verb: str, kind: str, may: set[str]) -> bool:
    """Whether this kind of person is let in, from who is in the access tests' lines."""
    if (verb, kind) in EXCEPTIONS:
        return False
    if kind in ("auditor", "manages") and verb in ON_FIRM:
        return (verb, kind) in BY_RIGHT or ("unassigned" in may and verb not in OWN_OF_UNASSIGNED)
    return LIKE.get(kind, kind) in may


def test_every_verb_for_everybody_on_own_foreign_and_missing(firm, tried):
    wrong, calls = [], 0
    for verb, (arguments, may, *rest) in ON_ACCOUNT.items():
        named = rest[0] if rest else {}
        for kind in OF_VERBS:
            outcomes = {}
            for which in ("own", "foreign", "missing"):
                outcomes[which] = tried(VERBS[verb], held(firm, kind, which), *arguments(firm), **named)
                calls += 1
            if (outcomes["own"] is True) != expected(verb, kind, may):
                wrong.append((verb, kind, "own", outcomes["own"]))
            if kind not in SEE_FOREIGN and told(outcomes["foreign"]) != told(outcomes["missing"]):
                wrong.append((verb, kind, outcomes["foreign"], outcomes["missing"]))
            if not isinstance(outcomes["missing"], REFUSED) or (kind not in SEE_FOREIGN and not isinstance(outcomes["foreign"], REFUSED)):
                wrong.append((verb, kind, "let in", outcomes))
    for verb, (arguments, named, may) in ON_FIRM.items():
        for kind in OF_VERBS:
            outcome = tried(VERBS[verb], viewer_of_kind(firm, kind), *arguments(firm), **named)
            calls += 1
            if (outcome is True) != expected(verb, kind, may):
                wrong.append((verb, kind, outcome))
    assert wrong == []
    assert set(ON_ACCOUNT) | set(ON_FIRM) == set(VERBS)
    assert calls >= (len(ON_ACCOUNT) * 3 + len(ON_FIRM)) * len(OF_VERBS)


def told(problem: object) -> str:
    """What a person would read."""
    return t(f"errors.{problem.code}", **problem.values) if isinstance(problem, AppError) else repr(problem)


# Functions that begin with a viewer or an account but answer nothing out of the store, or only to the system, with the reason.
NO_READS = {
    "core.access.verbs.require": "asks for a right and answers nothing",
    "core.access.verbs.require_staff": "asks for the kind of person",
    "core.access.refusals.note_refusal": "writes the refusal itself",
    "core.identity.password_policy.allow_password_sign_in": "for the command line and the start",
    "core.web.change_poll.found": "says what it is given",
    "core.activity.reading.subset_of": "makes a condition of SQL under the name it is given; what is read with it is read through the views",
    "core.web.export_downloads.offer": "keeps an offer of the person's own",
    "core.identity.second_factor.check_code": "the second step of one's own sign-in",
    "core.identity.second_factor.confirm_code": "the same",
    "core.identity.sign_in.password_is_right": "one's own password",
    "core.identity.password_change.change_own_password": "one's own password, then the verb",
    "core.documents.openings.note_opening": "notes what it is given, a document that was read through the views",
    "core.audit.examination.verify": "examines the whole record: the verdict has no values; its page asks for the right",
}
# Functions that write through verbs after work of their own: called for foreign and missing alone.
WRITES = {
    "core.audit.account_history.put_back", "core.documents.photos.set_photo", "core.documents.photos.remove_photo", "core.documents.uploads.add_documents",
    "core.documents.uploads.withdraw_document",
}  # fmt: skip


# Who may read the whole record sees that something was changed at a client of others', without values: it is no secret to them.
RECORD = {"core.audit.account_history.read_history", "core.audit.account_history.history_choices", "core.audit.account_history.put_back"}


def reads() -> dict[str, object]:
    """Every public function of a domain module that somebody asks: its first parameter says who, or through which account."""
    found = {}
    for module in pkgutil.walk_packages(core.__path__, "core."):
        if module.name.startswith(("core.ui", "core.__main__", "core.operations.cli", "core.store", "core.sample", "core.imports")):
            continue
        for name, function in vars(importlib.import_module(module.name)).items():
            if not inspect.isfunction(function) or function.__module__ != module.name or name.startswith("_"):
                continue
            first = next(iter(inspect.signature(function).parameters.values()), None)
            full = f"{module.name}.{name}"
            if first is not None and str(first.annotation) in ("Viewer", "OpenAccount") and function not in VERBS.values():
                found[full] = function
    return found


@cache
def entry_of(account: int) -> int:
    """An entry of the record that says what a field was before."""
    with reader(SYSTEM) as r:
        query = "SELECT max(audit_entry_id) FROM audit_entry WHERE account_id = $account AND field IS NOT NULL"
        return r.value(query, account=account) or MISSING


def arguments_for(function, firm, kind: str, which: str) -> list[list[object]]:
    """Argument lists for a read: ids of the account's rows by their names; several where there is a choice."""
    rows = firm.rows["Fremd" if which == "foreign" else "Eigen"]
    account = {"own": firm.own, "foreign": firm.foreign, "missing": MISSING}[which]
    module = inspect.getmodule(function)
    entry = entry_of(account)
    ids = {f"{table}_id": MISSING if which == "missing" else row for table, row in rows.items()}
    known = ids | {
        "account_id": account, "account_ids": [account], "settings": firm.settings, "text": "Kanarie", "name": word("Fremd", "contact"),
        "custom_field_id": firm.field, "type_": "number", "options": (), "staff_member_id": firm.assigned, "tag_id": firm.tag,
        "change": Change(add_tags=(firm.tag,)), "audit_entry_id": entry, "token_hash": None, "key": None, "secret": "A" * 32,
        "content": b"x", "frame": (0.0, 0.0, 1.0, 1.0), "uploads": [], "is_shared": True, "first": -3, "last": 3, "newest": 0, "older": 0, "offset": 0, "ids": [MISSING],
        "switches": ("notify",), "found": None, "measure": MEASURES["turn"], "wanted": Wanted(), "pick": Pick("turn", (None,) * len(MEASURES["turn"].dimensions)),
        "kind": "task", "item_id": ids.get("task_id", MISSING), "of_everybody": True, "since": datetime(2020, 1, 1), "scope_code": "all",  # noqa: DTZ001 - as the store keeps moments
        "places": [Place(account, "Kanarie", "1", "x", ids.get("contact_email_id", MISSING), "x@firma.de", 0)],
        "answer": Answer([("account_id", "integer")], [(account,)], "", frozenset({"account"}), now(), None),
        "cohort": Cohort(firm.cohort, "Still", "query", "", True, False, "", None, None, frozenset()),
    }  # fmt: skip
    wants = list(inspect.signature(function).parameters.values())
    made: list[object] = [held(firm, kind, which) if str(wants[0].annotation) == "OpenAccount" else viewer_of_kind(firm, kind)]
    named: dict[str, object] = {}
    choices: list[tuple[str, list[object]]] = []
    for one in wants[1:]:
        if str(one.annotation).endswith("Query"):
            value = getattr(module, str(one.annotation))()
        elif (one.name, function.__name__) in (("key", "read_list"), ("key", "read_widget")):
            choices.append((one.name, [widget.key for widget in CATALOGUE] if FULL else ["documents", "unpaid_invoices", "time_entries"]))
            continue
        elif (one.name, function.__name__) == ("key", "fetch"):
            value = offer(Viewer.staff(firm.owner), "x.csv", "text/csv", lambda: b"KanarieFremdNoteEnde")
        elif (one.name, function.__name__) == ("table", "read_work"):
            choices.append(("row_id", [("note", ids["note_id"]), ("task", ids["task_id"]), ("time_entry", ids["time_entry_id"])]))
            continue
        elif one.name == "row_id":
            continue
        elif one.name in known:
            value = known[one.name]
        elif one.default is not inspect.Parameter.empty:
            continue
        else:
            raise AssertionError(f"{function.__module__}.{function.__name__}: no value for {one.name!r}")
        named[one.name] = value
    if not choices:
        return [[made[0], named]]
    [(name, values)] = choices
    if name == "row_id":
        return [[made[0], named | {"table": table, "row_id": row}] for table, row in values]
    return [[made[0], named | {name: value}] for value in values]


def answer(function, who: object, named: dict[str, object]) -> object:
    try:
        found = function(who, **named)
        return repr(list(found) if inspect.isgenerator(found) else found)
    except (AppError, ValidationFailed) as problem:
        return problem


def words_in(text: str) -> set[tuple[str, str]]:
    """(whose, table) of every word of ours in a text, however it is folded."""
    return {(whose.title(), table) for whose, table in re.findall(r"kanarie(eigen|fremd)([a-z]*?)ende", text.lower())}


def forbidden(kind: str, found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these words this kind of person may not read."""
    leads = kind in LEADS
    bad = {one for one in found if not may_see(kind, "own" if one[0] == "Eigen" else "foreign")}
    if kind == "portal":
        bad -= {("Eigen", "account")}
    money = {table.replace("_", "") for table in MONEY}
    return bad | {one for one in found if not leads and (one[1] in money or one[1] == "timeentry")}


def test_every_read_for_everybody_on_own_foreign_and_missing(firm):
    wrong, calls, seen = [], 0, set()
    for name, function in reads().items():
        if name in NO_READS:
            continue
        of_account = str(next(iter(inspect.signature(function).parameters.values())).annotation) == "OpenAccount"
        for kind in OF_READS:
            told_of = {}
            for which in ("own", "foreign", "missing"):
                if name in WRITES and (which == "own" or may_see(kind, which)):
                    continue
                answers = [answer(function, who, named) for who, named in arguments_for(function, firm, kind, which)]
                calls += len(answers)
                told_of[which] = [told(one) if isinstance(one, AppError) else one for one in answers]
                found = words_in(" ".join(one for one in answers if isinstance(one, str)))
                seen |= {(kind, *one) for one in found}
                if bad := forbidden(kind, found):
                    wrong.append((name, kind, which, bad))
                if of_account and which != "own" and not may_see(kind, which) and which == "missing" and kind in SEE_FOREIGN:
                    wrong += [(name, kind, one) for one in answers if not isinstance(one, AppError) and words_in(str(one))]
            by_right = kind == "auditor" and name in RECORD
            if of_account and not by_right and kind not in SEE_FOREIGN and told_of.get("foreign") != told_of.get("missing"):
                wrong.append((name, kind, told_of["foreign"], told_of["missing"]))
    assert wrong == []
    assert calls > (150 if FULL else 120) * len(OF_READS)
    # The words are really there: who may see read one of nearly every table, of both accounts or of their own.
    who, accounts, more = ("owner", {"Eigen", "Fremd"}, {"invoice", "timeentry"}) if FULL else ("manages", {"Eigen"}, set())
    read = {(whose, table) for kind, whose, table in seen if kind == who}
    assert {table for _, table in read} >= {"document", "note", "email", "task", "chat", "contract", "contact"} | more
    assert {whose for whose, _ in read} == accounts


def test_every_reason_names_a_function_that_is_there():
    assert set(NO_READS) | WRITES <= set(reads())


def test_every_table_for_everybody(firm):
    wrong = []
    for kind in KINDS:
        try:
            with reader(viewer_of_kind(firm, kind)) as r:
                for table in TABLES:
                    try:
                        rows = r.rows(f"FROM {table}")
                    except Exception as problem:
                        assert "does not exist" in str(problem.__cause__ or problem), table
                        continue
                    # Of other people's clients not even a row without words.
                    accounts = {row["account_id"] for row in rows if row.get("account_id")} if table != "audit_entry" else set()
                    allowed = {account for which, account in (("own", firm.own), ("foreign", firm.foreign)) if may_see(kind, which)}
                    if kind == "portal":
                        allowed = {firm.own} if table in ("account", "photo") else set()
                    if kind not in SEE_FOREIGN and not accounts <= allowed:
                        wrong.append((table, kind, accounts - allowed))
                    if bad := forbidden(kind, words_in(repr(rows))):
                        wrong.append((table, kind, bad))
                    if {"password_hash", "secret", "token_hash", "code_hash", "salt"} & set(rows[0] if rows else ()):
                        wrong.append((table, kind, "a secret"))
        except SignedOut:
            assert kind in ("gone", "nobody")
    assert wrong == []


def test_every_route_for_everybody(firm, settings):
    app = Starlette(routes=routes(settings), middleware=[Middleware(Guard, settings=settings)])
    settings.documents.mkdir(parents=True, exist_ok=True)
    settings.photos.mkdir(parents=True, exist_ok=True)
    for whose in ("Eigen", "Fremd"):
        with writer(SYSTEM) as tx:
            tx.update("document", firm.rows[whose]["document"], file=f"{whose}.txt", media_type="text/plain")
            tx.update("photo", firm.rows[whose]["photo"], file=f"{whose}.webp")
            tx.update("account", firm.own if whose == "Eigen" else firm.foreign, photo_id=firm.rows[whose]["photo"])
        (settings.documents / f"{whose}.txt").write_text(word(whose, "document"))
        (settings.photos / f"{whose}.webp").write_text(word(whose, "photo"))
    offered = offer(Viewer.staff(firm.owner), "x.csv", "text/csv", lambda: b"KanarieFremdNoteEnde")
    asked = {
        "/document/{id}": [("own", firm.rows["Eigen"]["document"]), ("foreign", firm.rows["Fremd"]["document"]), ("missing", MISSING)],
        "/photo/{id}": [("own", firm.rows["Eigen"]["photo"]), ("foreign", firm.rows["Fremd"]["photo"]), ("missing", MISSING)],
        "/export/{id}": [("foreign", offered), ("missing", "x" * 43)],
        "/search": [("foreign", "")],
        "/watch?account={id}": [("own", firm.own), ("foreign", firm.foreign), ("missing", MISSING)],
        "/metrics": [("missing", "")],
    }
    # The firm shows its logo to whoever has the address, as it shows its name.
    open_to_all = {"/auth/enter", "/auth/leave", "/health", "/logo"}
    # It takes a file in and gives nothing out; who may is asked in tests/test_import_jobs.py.
    takes_in = {"/import/file"}
    assert {route.path for route in routes(settings)} == {route.split("?")[0] for route in asked} | open_to_all | takes_in, (
        "a new route needs its line here"
    )
    wrong = []
    for kind in (*KINDS, "signed_out"):
        client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
        if kind not in ("signed_out", "nobody"):
            client.cookies.set(cookie_name(settings), start_session(viewer_of_kind(firm, kind), "127.0.0.1", "test"))
        for route, targets in asked.items():
            said = {}
            for which, target in targets:
                path = route.replace("{id}", str(target))
                reply = (
                    client.post(path, content="Kanarie", headers={"Origin": "http://testserver"})
                    if route == "/search"
                    else client.get(path)
                )
                said[which] = (
                    reply.status_code,
                    reply.content,
                    {k: v for k, v in reply.headers.items() if k not in ("date", "content-length")},
                )
                if bad := forbidden(kind, words_in(reply.text)) - ({("Eigen", "photo")} if kind == "portal" else set()):
                    wrong.append((route, kind, which, bad))
                if route in ("/document/{id}", "/photo/{id}") and (reply.status_code == 200) != (
                    may_see(kind, which) or (kind == "portal" and route == "/photo/{id}" and which == "own")
                ):
                    wrong.append((route, kind, which, reply.status_code))
            if kind not in SEE_FOREIGN and "missing" in said and "foreign" in said and said["foreign"] != said["missing"]:
                wrong.append((route, kind, said))
            if route == "/export/{id}" and kind != "owner" and said["foreign"][0] != 404:
                wrong.append((route, kind, "somebody else's export"))
    assert wrong == []
