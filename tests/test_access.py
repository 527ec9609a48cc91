"""Every write verb × every kind of viewer × own, foreign, missing; a verb without a line here fails."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest

import core
from core.access.access_for_many import Place
from core.access.contact_access import set_access
from core.access.open_account import OpenAccount, open_account
from core.access.verbs import VERBS, rights_of
from core.activity.saved_queries import saved_queries
from core.audit.log import AuditQuery, read_page
from core.base.config import read_settings
from core.base.errors import AccountNotFound, AppError, NotAllowed, NotFound, SignedOut
from core.base.rights import Right, Viewer
from core.clients.account_record import Change, archive_account, edit_account, restore_account
from core.clients.accounts import AccountQuery, create_account, list_accounts
from core.clients.contacts import edit_contact
from core.clients.custom_fields import define_field
from core.clients.tags import define_tag
from core.documents.photos import drop_photo
from core.i18n.formats import today
from core.identity.team import team_members
from core.imports.jobs import runs
from core.operations.installation import open_installation
from core.overview.listing import ListQuery, read_list
from core.overview.read import read_overview
from core.store import close_store, engine, now, reader, store_is_open, writer
from core.store.tables import TABLES
from core.web.export_downloads import fetch, offer
from tests.small_firm import build_firm

for module in pkgutil.walk_packages(core.__path__, "core."):
    if not module.name.startswith(("core.ui", "core.__main__", "core.operations.cli")):
        importlib.import_module(module.name)

WHO = ("owner", "everything", "assigned", "unassigned", "portal", "gone")
SYSTEM = Viewer.system("tests")
new = {"name": "Neu", "kind": "person", "number": "777", "contact_name": "Neu"}

MANAGE, ALL_WHO_SEE = {"owner", "everything"}, {"owner", "everything", "assigned"}
task = {"title": "Neu", "priority": "normal", "status": "planned"}
spent = {"worked_on": "2026-01-02", "minutes": "1:30"}
member = {"name": "Udo Anders", "email": "udo@kanzlei.example", "role": "employee", "rights": frozenset({"analyse"})}
SECRET = pyotp.random_base32()
EVERYBODY = {"owner", "everything", "assigned", "unassigned"}
new_field = {"scope": "account", "label": "Neues Feld", "type": "text"}

# verb → (arguments after the account, who may on the own account, keyword arguments)
ON_ACCOUNT = {
    "document.mark_seen": (lambda f: (f.document,), {"owner", "everything", "assigned"}),
    "document.mark_all_seen": (lambda f: ([f.document],), {"owner", "everything", "assigned"}),
    "document.add": (lambda f: ([{"name": "x.pdf"}], True), ALL_WHO_SEE),
    "document.edit": (lambda f: (f.firm_document, None), MANAGE, {"name": "Neu", "is_shared": True}),
    "document.withdraw": (lambda f: (f.firm_document,), MANAGE),
    "email.mark_read": (lambda f: (f.email,), {"owner", "everything", "assigned"}),
    "chat.mark_read": (lambda f: (f.chat,), {"owner", "everything", "assigned"}),
    "turn_set_aside.put": (lambda f: ("email", f.email), ALL_WHO_SEE),
    "turn_set_aside.take_back": (lambda f: (f.aside,), ALL_WHO_SEE),
    "account.edit": (lambda f: (None, {"name": "Anders"}), MANAGE),
    "account.archive": (lambda f: (), MANAGE),
    "account.restore": (lambda f: (), MANAGE),
    "account.delete": (lambda f: ("Müller/Weber GbR",), {"owner"}),
    "photo.set": (lambda f: ("p.webp", "x"), MANAGE | {"portal"}),
    "photo.remove": (lambda f: (), MANAGE),
    "contact.create": (lambda f: ({"name": "Neu"},), MANAGE),
    "contact.edit": (lambda f: (f.contact, None, {"city": "Ulm"}), MANAGE),
    "account_contact.link": (lambda f: (f.other_contact,), MANAGE),
    "account_contact.unlink": (lambda f: (f.second_contact,), MANAGE),
    "contact_email.add": (lambda f: (f.contact, "neu@mueller.example"), MANAGE),
    "contact_email.make_primary": (lambda f: (f.address,), MANAGE),
    "contact_email.remove": (lambda f: (f.address,), MANAGE),
    "contact_email.delete_orphan": (lambda f: (f.orphan,), MANAGE),
    "contact_email.switch_off_orphan": (lambda f: (f.orphan,), MANAGE),
    "contact_email.give_orphan": (lambda f: (f.orphan, f.contact), MANAGE),
    "email_access.invite_again": (lambda f: (f.address,), MANAGE),
    "note.add": (lambda f: ({"text": "Neu"},), ALL_WHO_SEE),
    "note.edit": (lambda f: (f.note, None, {"text": "Neu"}), MANAGE),
    "task.add": (lambda f: (task,), ALL_WHO_SEE),
    "task.edit": (lambda f: (f.task, None, task), ALL_WHO_SEE),
    "time_entry.add": (lambda f: (spent,), ALL_WHO_SEE),
    "time_entry.edit": (lambda f: (f.time_entry, None, spent), {"owner"}),
    "contact_email.add_many": (lambda f: (f.contact, ["a@neu.example", "b@neu.example"]), MANAGE),
    "contact_email.change": (lambda f: (f.address, None), MANAGE, {"email": "anders@mueller.example"}),
    "email_access.set": (lambda f: (f.address, None), MANAGE, {"notify": True}),
}
# verb → (positional, keyword arguments after the viewer, who may)
ON_FIRM = {
    "account.create": (lambda f: (), new, {"owner", "everything"}),
    "saved_view.save": (lambda f: (), {"name": "Meine", "definition": {}}, {"owner", "everything", "assigned", "unassigned"}),
    "saved_view.delete": (lambda f: (f.saved_view,), {}, {"owner"}),
    "cohort.keep": (lambda f: ("Stille", [f.own], ()), {}, MANAGE),
    "cohort.forget": (lambda f: (f.cohort,), {}, {"owner"}),
    "saved_query.save": (lambda f: (), {"name": "Meine", "text": "SELECT 1"}, {"owner", "everything"}),
    "saved_query.delete": (lambda f: (f.saved_query,), {}, {"owner"}),
    "staff_member.add": (lambda f: (), {"name": "X Y", "email": "x@y.example"}, {"owner"}),
    "staff_member.set_password": (lambda f: (f.unassigned, "vier-zufaellige-worte"), {}, {"owner", "unassigned"}),
    "staff_member.set_role": (lambda f: (f.unassigned, "admin"), {}, {"owner"}),
    "staff_right.set": (lambda f: (f.unassigned, {"analyse"}), {}, {"owner"}),
    "staff_member.deactivate": (lambda f: (f.unassigned,), {}, {"owner"}),
    "assignment.add": (lambda f: (f.unassigned, f.foreign), {}, {"owner", "everything"}),
    "assignment.remove": (lambda f: (f.assigned, f.own), {}, {"owner", "everything"}),
    "staff_member.invite": (lambda f: (), {"name": "Neu", "email": "neu@kanzlei.example"}, {"owner"}),
    "staff_member.edit": (lambda f: (f.unassigned, None), member, {"owner"}),
    "staff_member.invite_again": (lambda f: (f.unassigned,), {}, {"owner"}),
    "staff_member.withdraw_invitation": (lambda f: (f.unassigned,), {}, {"owner"}),
    "staff_member.reactivate": (lambda f: (f.unassigned,), {}, {"owner"}),
    "session.begin_view": (lambda f: (f.assigned, f.session), {}, {"owner"}),
    "session.end_view": (lambda f: (f.session,), {}, {"owner"}),
    "staff_member.set_language": (lambda f: ("en",), {}, {"owner", "everything", "assigned", "unassigned"}),
    "account.change_many": (lambda f: ([f.own], Change(add_tags=(f.tag,), add_team=(f.unassigned,))), {}, MANAGE),
    "account.archive_many": (lambda f: ([f.own],), {}, MANAGE),
    "account.restore_many": (lambda f: ([f.own],), {}, MANAGE),
    "email_access.give_many": (lambda f: ([place_of(f)], ("notify",)), {}, MANAGE),
    "tag.define": (lambda f: (), {"name": "Neu", "color": "blue"}, MANAGE),
    "tag.change": (lambda f: (f.tag, None), {"name": "Neu", "color": "blue"}, MANAGE),
    "tag.delete": (lambda f: (f.tag,), {}, MANAGE),
    "audit_entry.read": (lambda f: ("kind=export",), {}, MANAGE),
    "audit_entry.erase": (lambda f: ("account", f.empty), {"field": "name"}, {"owner"}),
    "custom_field.define": (lambda f: (), new_field, MANAGE),
    "custom_field.change": (lambda f: (f.field, 1), {"label": "Anders", "type": "text"}, MANAGE),
    "custom_field.retire": (lambda f: (f.field,), {}, MANAGE),
    "custom_field.restore": (lambda f: (f.field,), {}, MANAGE),
    "custom_field.order": (lambda f: ("account", [f.field]), {}, MANAGE),
    "custom_field.add_starter_set": (lambda f: (["iban"],), {}, MANAGE),
    "session.end": (lambda f: (f.own_session,), {}, {"owner"}),
    "session.end_others": (lambda f: (None,), {}, EVERYBODY),
    "one_time_link.make_reset": (lambda f: (f.unassigned,), {}, {"owner"}),
    "second_factor.set": (lambda f: (SECRET, pyotp.TOTP(SECRET).now()), {}, EVERYBODY),
    "recovery_code.renew": (lambda f: (), {}, {"owner", "unassigned"}),
    "second_factor.remove": (lambda f: (), {}, {"owner", "unassigned"}),
    "second_factor.reset": (lambda f: (f.unassigned,), {}, {"owner"}),
    "provider_person.forget": (lambda f: (f.unassigned,), {}, {"owner"}),
    "firm.set_sign_in_rules": (lambda f: (), {"roles": ("owner",)}, {"owner"}),
    "firm.set_details": (lambda f: (), {"name": "Neu", "time_zone": "Europe/Zurich", "currency": "CHF"}, {"owner"}),
    "firm.set_logo": (lambda f: (b"webp",), {}, {"owner"}),
    "firm.remove_logo": (lambda f: (), {}, {"owner"}),
    "firm.set_opening_hours": (lambda f: (), {"hours": {"monday": "9-12"}, "land": "BY"}, {"owner"}),
    "firm.put_first_steps_away": (lambda f: (), {}, {"owner"}),
    "firm.test_mail": (lambda f: (), {}, {"owner"}),
    "import_file.add": (lambda f: (brought(),), {"name": "kunden.csv", "size": 1, "sha256": "x"}, {"owner", "everything"}),
}


def brought() -> Path:
    """A file that came whole."""
    path = engine().file.parent / "x.part"
    path.write_bytes(b"x")
    return path


def place_of(firm) -> Place:
    return Place(firm.own, "x", "1", "x", firm.address, "maria@mueller.example", 1)


def build_people(_):
    """The small firm with a row of everything that a verb may name."""
    firm = build_firm()
    with writer(SYSTEM) as tx:
        firm.email = tx.insert(
            "email",
            account_id=firm.own,
            subject="x",
            from_address="a@b.example",
            to_address="c@d.example",
            sent_at=now(),
            direction="received",
        )
        firm.chat = tx.insert(
            "chat",
            account_id=firm.own,
            subject="x",
            created_at=now(),
            last_message_at=now(),
            last_message="x",
            last_is_from_client=True,
            last_by_name="x",
        )
        firm.saved_view = tx.insert(
            "saved_view", staff_member_id=firm.owner, name="Geteilt", is_shared=True, definition="{}", created_at=now()
        )
        firm.aside = tx.insert(
            "turn_set_aside", account_id=firm.own, kind="task", object_id=1, turn="us", staff_member_id=firm.owner, created_at=now()
        )
        firm.cohort = tx.insert("cohort", staff_member_id=firm.owner, name="Still", is_shared=True, kind="query", created_at=now())
        firm.saved_query = tx.insert(
            "saved_query", staff_member_id=firm.owner, name="Geteilt", is_shared=True, text="SELECT 1", created_at=now()
        )
        firm.session = "f" * 64
        tx.insert("session", token_hash=firm.session, staff_member_id=firm.owner, created_at=now(), last_used_at=now())
        firm.note = tx.value("SELECT note_id FROM note")
        firm.time_entry = tx.value("SELECT time_entry_id FROM time_entry")
        firm.firm_document = tx.insert(
            "document", account_id=firm.own, name="bwa.pdf", uploaded_at=now(), is_from_client=False, staff_member_id=firm.owner
        )
        firm.task = tx.insert("task", account_id=firm.own, title="Prüfen", created_at=now())
        firm.tag = tx.insert("tag", name="VIP")
        firm.field = tx.insert("custom_field", scope="account", key="amt", label="Finanzamt", type="text")
        firm.second_contact = tx.insert("contact", name="Zweite", created_at=now())
        tx.insert("account_contact", account_id=firm.own, contact_id=firm.second_contact, created_at=now())
        firm.other_contact = tx.insert("contact", name="Dritte", created_at=now())
        tx.insert("account_contact", account_id=firm.empty, contact_id=firm.other_contact, created_at=now())
        firm.orphan = tx.insert("contact_email", email="verwaist@mueller.example", created_at=now())
        tx.insert(
            "email_access", account_id=firm.own, contact_id=firm.contact, contact_email_id=firm.orphan, login=True, suspended_at=now()
        )
        tx.update("account", firm.empty, name="Leer GmbH")
        for member in (firm.owner, firm.unassigned):
            tx.insert("second_factor", staff_member_id=member, secret=SECRET, last_step=0, created_at=now())
            tx.insert(
                "provider_person", staff_member_id=member, issuer="https://a.example", known_as="k", subject_hash="x", created_at=now()
            )
        firm.own_session = tx.insert("session", token_hash="own-session", staff_member_id=firm.owner, created_at=now(), last_used_at=now())
        firm.gone = tx.insert("staff_member", name="Weg", email="weg@kanzlei.example", role="owner", is_active=False, created_at=now())
    return firm


@pytest.fixture
def people(holding):
    return holding(build_people)


@pytest.fixture(scope="module")
def untouched_folder(closed_folder, tmp_path_factory):
    """The people in a folder of this file's own, for all who are refused; closed at the end of the file."""
    data, firm = closed_folder(build_people, today())
    settings = read_settings({"KUNDENBLICK_DATA": str(shutil.copytree(data, tmp_path_factory.mktemp("untouched") / "data"))})
    yield settings, firm, []
    close_store()


@pytest.fixture
def untouched(untouched_folder):
    """The people for who is refused: nothing is written meanwhile but the refusal, which is seen after each test."""
    settings, firm, before = untouched_folder
    if not store_is_open() or engine().file != settings.database:
        close_store()
        open_installation(settings)
    if not before:
        before.append(written())
    yield firm
    assert before == [written()]


def written() -> list[tuple]:
    """How many rows every table has, and how many changes are on record besides refusals."""
    with reader(SYSTEM) as r:
        changes = r.value("SELECT count(*) FROM audit_entry WHERE action <> 'refused'")
    with engine().lease() as connection:
        tables = ", ".join(f"(SELECT count(*) FROM kundenblick.data.{name})" for name in TABLES if name != "audit_entry")
        return [changes, *connection.execute(f"SELECT {tables}").fetchall()[0]]


def as_if_open(firm, who: str, account_id: int) -> OpenAccount:
    """What a page may still hold after the right is gone."""
    return OpenAccount(firm.viewer(who), account_id, "1", "x", "person", "active", None, 1)


def test_every_verb_is_covered():
    assert set(VERBS) == set(ON_ACCOUNT) | set(ON_FIRM)


def pairs(verbs, place: int, *, may: bool):
    """(verb, who) of all who may, or may not; ``place`` says where in a line those who may stand."""
    found = [(verb, who) for verb, line in verbs.items() for who in WHO if (who in line[place]) is may]
    return pytest.mark.parametrize(("verb", "who"), found)


@pairs(ON_ACCOUNT, 1, may=False)
def test_who_may_not_is_refused_on_an_account(untouched, verb, who):
    arguments, _, named = (*ON_ACCOUNT[verb], {})[:3]
    blind = who in ("unassigned", "gone")
    with pytest.raises((AccountNotFound, SignedOut) if blind else (NotAllowed, NotFound)):
        VERBS[verb](as_if_open(untouched, who, untouched.own), *arguments(untouched), **named)


@pytest.mark.parametrize("which", ["foreign", "missing"])
@pytest.mark.parametrize("verb", ON_ACCOUNT)
def test_foreign_and_missing_are_refused_alike(untouched, verb, which):
    account_id = untouched.foreign if which == "foreign" else 987654
    with pytest.raises(AccountNotFound) as raised:
        arguments, _, named = (*ON_ACCOUNT[verb], {})[:3]
        VERBS[verb](as_if_open(untouched, "assigned", account_id), *arguments(untouched), **named)
    assert raised.value.values == {}


@pairs(ON_FIRM, 2, may=False)
def test_who_may_not_is_refused_in_the_firm(untouched, verb, who):
    arguments, named, _ = ON_FIRM[verb]
    with pytest.raises((NotAllowed, SignedOut, NotFound)):
        VERBS[verb](untouched.viewer(who), *arguments(untouched), **named)


@pytest.mark.parametrize("nonsense", ["", "x", "1e30", "1" + "0" * 30, "-1", "0", "%27", "1&account=2", "1.0", None])
def test_nonsense_names_no_account(untouched, nonsense):
    with pytest.raises(AccountNotFound):
        open_account(untouched.viewer("owner"), nonsense)


@pairs(ON_ACCOUNT, 1, may=True)
def test_who_may_does_it_on_an_account(people, verb, who):
    arguments, _, named = (*ON_ACCOUNT[verb], {})[:3]
    VERBS[verb](as_if_open(people, who, people.own), *arguments(people), **named)


@pairs(ON_FIRM, 2, may=True)
def test_who_may_does_it_in_the_firm(people, verb, who):
    arguments, named, _ = ON_FIRM[verb]
    VERBS[verb](people.viewer(who), *arguments(people), **named)


def test_a_row_of_another_account_is_missing(people):
    with pytest.raises(NotFound):
        VERBS["document.mark_seen"](as_if_open(people, "assigned", people.own), people.foreign_document)


def test_an_admin_cannot_touch_owners_and_admins(people):
    from core.identity.members import set_password, set_role

    set_role(people.viewer("owner"), people.everything, "admin")
    admin = people.viewer("everything")
    for action in (lambda: set_role(admin, people.owner, "employee"), lambda: set_password(admin, people.owner, "vier-zufaellige-worte")):
        with pytest.raises(NotAllowed):
            action()
    set_role(admin, people.unassigned, "employee")


def test_an_admin_does_what_an_owner_does_but_for_roles_of_owners_and_admins(people):
    """All that does not ask for a role is a right, and an admin has every one; here is what asks for the role itself."""
    with writer(SYSTEM) as tx:
        admin, other = (
            tx.insert("staff_member", name=f"Ada {n}", email=f"ada{n}@kanzlei.example", role="admin", created_at=now()) for n in (1, 2)
        )
    viewer = Viewer.staff(admin)
    assert rights_of(viewer) == frozenset(Right)
    for name in (
        "staff_member.invite", "staff_member.edit", "staff_member.invite_again", "staff_right.set",
        "one_time_link.make_reset", "second_factor.reset", "firm.set_sign_in_rules", "firm.set_details", "firm.set_opening_hours", "firm.set_logo", "firm.remove_logo",
        "firm.put_first_steps_away", "firm.test_mail",
    ):  # fmt: skip
        arguments, named, _ = ON_FIRM[name]
        VERBS[name](viewer, *arguments(people), **named)
    VERBS["staff_member.deactivate"](viewer, people.unassigned)
    VERBS["account.delete"](open_account(viewer, people.empty), "Leer GmbH")
    for above in (people.owner, other, admin):
        for verb, more in (("staff_member.set_role", ("employee",)), ("staff_member.deactivate", ()), ("staff_right.set", ({"analyse"},))):
            with pytest.raises(NotAllowed):
                VERBS[verb](viewer, above, *more)
    for role in ("owner", "admin"):
        with pytest.raises(NotAllowed):
            VERBS["staff_member.set_role"](viewer, people.everything, role)
    with pytest.raises(NotAllowed):
        VERBS["audit_entry.erase"](viewer, "account", people.own, field="name")


def only_if(is_there: object) -> None:
    """What one has no right to see is left out, without a word: here it counts as refused."""
    if not is_there:
        raise NotAllowed()


def time_of(account: OpenAccount) -> list[dict]:
    return read_list(account, "time_entries", ListQuery()).rows


# What an employee who is assigned to the account may not do without the right beside it.
OF_RIGHT = {
    Right.MANAGE_ACCOUNTS: (
        lambda f, a: edit_account(a, None, {"name": "Anders"}),
        lambda f, a: edit_contact(a, f.contact, None, {"city": "Ulm"}),
        lambda f, a: set_access(a, f.address, None, notify=True),
        lambda f, a: drop_photo(a),
        lambda f, a: create_account(a.viewer, **new),
        lambda f, a: (archive_account(a), restore_account(a)),
    ),
    Right.MANAGE_TAGS: (lambda f, a: edit_account(a, None, {"tags": [f.tag]}), lambda f, a: define_tag(a.viewer, name="Neu", color="blue")),
    Right.MANAGE_TEAM: (lambda f, a: edit_account(a, None, {"team": [f.assigned, f.unassigned]}), lambda f, a: team_members(a.viewer)),
    Right.MANAGE_CUSTOM_FIELDS: (lambda f, a: define_field(a.viewer, **new_field),),
    Right.VIEW_ALL_ACCOUNTS: (lambda f, a: open_account(a.viewer, f.foreign),),
    Right.VIEW_AUDIT: (lambda f, a: read_page(a.viewer, AuditQuery()),),
    Right.SEE_INVOICES: (
        lambda f, a: read_list(a, "unpaid_invoices", ListQuery()),
        lambda f, a: only_if("unpaid_invoices" in read_overview(a)),
        lambda f, a: only_if({"open_amount", "net_due"} & set(list_accounts(a.viewer, AccountQuery()).columns)),
    ),
    Right.SEE_ALL_TIME: (lambda f, a: only_if({row["member"] for row in time_of(a)} - {"Anna Zugeordnet"}),),
    Right.SEE_RATES: (
        lambda f, a: only_if([row for row in time_of(a) if row.get("amount") is not None]),
        lambda f, a: only_if("unbilled_amount" in read_overview(a)["time_entries"].tile),
    ),
    Right.EXPORT_DATA: (lambda f, a: fetch(a.viewer, offer(a.viewer, "Kunden.csv", "text/csv", lambda: b"")),),
    Right.IMPORT_DATA: (lambda f, a: runs(a.viewer),),
    Right.ANALYSE: (lambda f, a: saved_queries(a.viewer),),
}  # fmt: skip


@pytest.mark.parametrize("right", Right)
def test_each_right_alone_gives_what_it_says_and_nothing_of_the_others(people, right):
    account = as_if_open(people, "assigned", people.own)
    with writer(SYSTEM) as tx:
        tx.insert(
            "time_entry", account_id=people.own, worked_on=today(), staff_member_id=people.assigned, minutes=30, rate=90, amount=45, created_at=now(),
        )  # fmt: skip
        tx.insert("staff_right", staff_member_id=people.assigned, right_key=right.value)
    for other, refused in OF_RIGHT.items():
        for task in refused if other is not right else ():
            with pytest.raises((NotAllowed, AccountNotFound, NotFound)):
                task(people, account)
    for task in OF_RIGHT[right]:
        task(people, account)


def test_the_last_owner_stays(people):
    from core.identity.members import deactivate, set_role

    for action in (lambda: set_role(SYSTEM, people.owner, "admin"), lambda: deactivate(SYSTEM, people.owner)):
        with pytest.raises(AppError, match="last_owner"):
            action()


def test_a_contact_one_does_not_see_cannot_be_linked(people):
    with writer(SYSTEM) as tx:
        tx.insert("staff_right", staff_member_id=people.unassigned, right_key="manage_accounts")
    values = {key: value for key, value in new.items() if key != "contact_name"}
    with pytest.raises(NotFound):
        create_account(people.viewer("unassigned"), **values, contact_id=people.contact)
    assert create_account(replace(people.viewer("owner")), **values, contact_id=people.contact)
