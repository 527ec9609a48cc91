"""Taking an import back goes round no rule: of owners and admins, of who signs in with an address, of what there is once."""

from __future__ import annotations

from core.base.rights import Viewer
from core.identity.members import set_role
from core.imports.jobs import job
from core.imports.taking_back import rehearse_taking_back, take_import_back, unfinished
from core.store import now, reader, writer
from tests.test_import_jobs import SYSTEM, TEAM, taken, value

D = "kundenblick.data."
CLIENT = """
name = "mails"
[files.c]
path = "m.csv"
delimiter = ";"
[[tables]]
table = "account"
file = "c"
key = ["Nr"]
match = ["number"]
fields = { number = "Nr", name = "Firma" }
[[tables]]
table = "contact"
file = "c"
key = ["Nr"]
fields = { name = "Firma" }
[[tables]]
table = "account_contact"
file = "c"
fields = { account_id = "Nr", contact_id = "Nr" }
"""
MAIL = (
    CLIENT
    + """
[[tables]]
table = "contact_email"
file = "c"
key = ["Nr"]
fields = { contact_id = "Nr", email = "Mail" }
[[tables]]
table = "email_access"
file = "c"
fields = { account_id = "Nr", contact_id = "Nr", contact_email_id = "Nr", login = "Login" }
"""
)
PEOPLE, MAILS = "Nr;Name;Mail;Rolle", "Nr;Firma;Mail;Login"


def run(settings, viewer, text, *rows, head):
    """Bring rows in by the page; return the number of the run."""
    return job(viewer, taken(settings, viewer, *rows, mapping=text, name="m.csv", head=head)).import_run_id


def role_of(member):
    return value(f"SELECT role FROM {D}staff_member WHERE staff_member_id = {member}")


def test_nobody_gains_a_rank_by_taking_an_owners_import_back(firm, settings):
    owner, everything = firm.viewer("owner"), firm.viewer("everything")
    set_role(SYSTEM, firm.everything, "owner")
    done = run(settings, owner, TEAM, "1;Emil Alles;everything@kanzlei.example;admin", "2;Ada;ada@kanzlei.example;admin", head=PEOPLE)
    assert role_of(firm.everything) == "admin"
    told = (rehearse_taking_back(everything, done), take_import_back(everything, done, settings))
    for each in told:
        assert {(stay.name, stay.field, stay.why) for stay in each.stays} == {("Emil Alles", "role", "rank"), ("Ada", "", "rank")}
        assert not each.go and not each.back
    assert role_of(firm.everything) == "admin"


def test_the_last_owner_stays_whoever_takes_back(firm, settings):
    done = run(settings, firm.viewer("owner"), TEAM, "1;Neu;neu@kanzlei.example;owner", head=PEOPLE)
    who = value(f"SELECT staff_member_id FROM {D}staff_member WHERE name = 'Neu'")
    set_role(Viewer.staff(who), firm.owner, "admin")
    told = take_import_back(SYSTEM, done, settings)
    assert [(stay.table, stay.name, stay.why) for stay in told.stays] == [("staff_member", "Neu", "last_owner")]
    assert role_of(who) == "owner"


def test_an_owner_whom_an_import_replaced_is_one_again(firm, settings):
    with writer(SYSTEM) as tx:
        tx.update("staff_member", firm.everything, role="owner")
    rows = ("1;Neu;neu@kanzlei.example;owner", "2;Emil Alles;everything@kanzlei.example;employee")
    done = run(settings, firm.viewer("owner"), TEAM, *rows, head=PEOPLE)
    set_role(SYSTEM, firm.owner, "admin")
    told = take_import_back(SYSTEM, done, settings)
    assert told.stays == () and role_of(firm.everything) == "owner"
    assert value(f"SELECT count(*) FROM {D}staff_member WHERE name = 'Neu'") == 0


def signs_in(address):
    """Let an address be as that of somebody who signed in; return its access."""
    with writer(SYSTEM) as tx:
        tx.insert("session", token_hash=f"x{address}{now()}", contact_email_id=address, created_at=now(), last_used_at=now())
        tx.insert("one_time_link", token_hash=f"y{now()}", purpose="reset", contact_email_id=address, created_at=now(), expires_at=now())
        tx.update("contact_email", address, password_hash="the-old-holders")
        access = tx.rows("SELECT account_id, contact_id, contact_email_id FROM email_access WHERE contact_email_id = $id", id=address)[0]
        tx.update("email_access", access, first_login_at=now())
        tx.update("account", access["account_id"], state="active")
    return access


def standing(address):
    """Return password, live sessions, open links, first sign-in and the client's state."""
    with reader(SYSTEM) as r:
        return tuple(
            r.row(
                f"""SELECT password_hash, (SELECT count(*) FROM {D}session s WHERE s.contact_email_id = e.contact_email_id AND ended_at IS NULL),
                    (SELECT count(*) FROM {D}one_time_link o WHERE o.contact_email_id = e.contact_email_id), first_login_at, state
                FROM {D}contact_email e JOIN {D}email_access USING (contact_email_id) JOIN {D}account USING (account_id)
                WHERE contact_email_id = {address}"""
            ).values()
        )


def test_an_address_that_an_import_changes_or_that_is_set_back_is_proven_anew(firm, settings):
    me = firm.viewer("everything")
    run(settings, me, MAIL, "5;Fuenf;alt@x.example;true", head=MAILS)
    address = value(f"SELECT contact_email_id FROM {D}contact_email WHERE email = 'alt@x.example'")
    signs_in(address)
    done = run(settings, me, MAIL, "5;Fuenf;neu@x.example;true", head=MAILS)
    assert standing(address) == (None, 0, 0, None, "pending")
    signs_in(address)
    told = take_import_back(me, done, settings)
    assert standing(address) == (None, 0, 0, None, "pending") and told.stays == ()
    assert value(f"SELECT email FROM {D}contact_email WHERE contact_email_id = {address}") == "alt@x.example"


def test_a_members_address_that_is_changed_or_set_back_ends_what_its_holder_had(firm, settings):
    owner = firm.viewer("owner")
    run(settings, owner, TEAM, "1;Neu;neu@kanzlei.example;employee", head=PEOPLE)
    who = value(f"SELECT staff_member_id FROM {D}staff_member WHERE name = 'Neu'")

    def out():
        live = f"SELECT count(*) FROM {D}session WHERE staff_member_id = {who} AND ended_at IS NULL"
        return value(live), value(f"SELECT password_hash FROM {D}staff_member WHERE staff_member_id = {who}")

    def signs_in_here(token):
        with writer(SYSTEM) as tx:
            tx.insert("session", token_hash=token, staff_member_id=who, created_at=now(), last_used_at=now())
            tx.update("staff_member", who, password_hash="known-to-somebody")

    signs_in_here("one")
    done = run(settings, owner, TEAM, "1;Neu;boese@fremd.example;employee", head=PEOPLE)
    assert out() == (0, None)
    signs_in_here("two")
    take_import_back(owner, done, settings)
    assert out() == (0, None) and unfinished() == []
    assert value(f"SELECT email FROM {D}staff_member WHERE staff_member_id = {who}") == "neu@kanzlei.example"


def access_of(email):
    with reader(SYSTEM) as r:
        return r.rows(
            f"""SELECT account_id, a.contact_id, contact_email_id, login FROM {D}email_access a
            JOIN {D}contact_email USING (contact_email_id) WHERE email = $email""",
            email=email,
        )


def switch(access, by, **values):
    with writer(by) as tx:
        tx.update("email_access", {c: access[c] for c in ("account_id", "contact_id", "contact_email_id")}, **values)


def test_a_login_that_somebody_decided_about_since_is_not_given_again(firm, settings):
    me, boss = firm.viewer("everything"), firm.viewer("owner")
    on = [f"{n};Firma {n};m{n}@x.example;true" for n in (5, 6, 7)]
    run(settings, me, MAIL, *on, head=MAILS)
    done = run(settings, me, MAIL, *(row.replace("true", "false") for row in on), head=MAILS)
    # One was withdrawn again by somebody, of one the address is another's now; nobody touched the third.
    [first], [second] = access_of("m5@x.example"), access_of("m6@x.example")
    switch(first, boss, login=True)
    switch(first, boss, login=False)
    with writer(boss) as tx:
        tx.update("contact_email", second["contact_email_id"], email="another@x.example")
    told = rehearse_taking_back(me, done)
    assert told.back == {"email_access": 1} and take_import_back(me, done, settings) == told
    assert {(stay.name, stay.field, stay.why) for stay in told.stays} == {("Firma 5", "login", "moved"), ("Firma 6", "login", "moved")}
    assert [access_of(email)[0]["login"] for email in ("m5@x.example", "another@x.example", "m7@x.example")] == [False, False, True]


def test_access_that_a_list_removed_comes_again_with_its_link_alone(firm, settings):
    me, boss = firm.viewer("everything"), firm.viewer("owner")
    text = MAIL.replace('account_id = "Nr"', 'account_id = "Kto"').replace('key = ["Nr"]', 'key = ["Nr"]\ndistinct = true')
    text = text.replace('"account_contact"\nfile = "c"', '"account_contact"\nfile = "c"\ngone = "delete"\ngone_at_most = 100')
    rows = ["5;Fuenf;a@x.example;true;5", "6;Sechs;b@x.example;true;6", "7;Sieben;c@x.example;true;7"]
    both = ["6;Sechs;b@x.example;true;5", "7;Sieben;c@x.example;true;5"]
    run(settings, me, text, *rows, *both, head=MAILS + ";Kto")
    done = run(settings, me, text, *rows, head=MAILS + ";Kto")
    [kept] = access_of("b@x.example")
    five = value(f"SELECT account_id FROM {D}account WHERE number = '5'")
    with writer(boss) as tx:
        tx.insert("account_contact", account_id=five, contact_id=kept["contact_id"], created_at=now())
    told = take_import_back(me, done, settings)
    assert {row["account_id"]: row["login"] for row in access_of("b@x.example")} == {kept["account_id"]: True, five: False}
    assert {row["login"] for row in access_of("c@x.example")} == {True} and len(access_of("c@x.example")) == 2
    assert {(stay.table, stay.name, stay.why) for stay in told.stays} == {
        ("email_access", "Fuenf", "off"), ("account_contact", "Fuenf", "edited")
    }  # fmt: skip


NUMBERS = CLIENT.replace('key = ["Nr"]\nmatch = ["number"]', 'key = ["Id"]').replace('key = ["Nr"]', 'key = ["Id"]')
NUMBERS = NUMBERS.replace('account_id = "Nr", contact_id = "Nr"', 'account_id = "Id", contact_id = "Id"')
IDS = "Id;Nr;Firma"


def numbers():
    with reader(SYSTEM) as r:
        return {row["name"]: row["number"] for row in r.rows(f"SELECT name, number FROM {D}account WHERE length(number) = 3")}


def test_a_number_goes_back_only_where_nobody_else_has_it(firm, settings):
    me = firm.viewer("everything")
    run(settings, me, NUMBERS, "a;501;Alpha", "b;502;Beta", "c;503;Gamma", "d;504;Delta", head=IDS)
    # Two change their numbers, one leaves its to a new client, and one's is given away since.
    rows = ["a;502;Alpha", "b;501;Beta", "c;603;Gamma", "e;503;Neu", "d;604;Delta"]
    done = run(settings, me, NUMBERS, *rows, head=IDS)
    with writer(firm.viewer("owner")) as tx:
        tx.insert("account", number="504", name="Von Hand", kind="company", state="active", created_at=now())
    rehearsed = rehearse_taking_back(me, done)
    told = take_import_back(me, done, settings)
    assert told.stays == rehearsed.stays and told.back == rehearsed.back
    assert [(stay.name, stay.field, stay.why) for stay in told.stays] == [("Delta", "number", "taken")]
    assert numbers() == {"Alpha": "501", "Beta": "502", "Gamma": "503", "Delta": "604", "Von Hand": "504"} and unfinished() == []


def test_an_address_goes_back_only_where_nobody_else_has_it_in_whatever_case(firm, settings):
    me = firm.viewer("everything")
    old = [f"{n};Firma {n};alt{n}@x.example;false" for n in (5, 6, 7)]
    run(settings, me, MAIL, *old, head=MAILS)
    new = [row.replace("alt", "neu") for row in old]
    done = run(settings, me, MAIL, *new, "8;Firma 8;alt7@x.example;false", head=MAILS)
    with writer(firm.viewer("owner")) as tx:
        tx.insert("contact_email", contact_id=firm.contact, email="Alt5@X.example", created_at=now())
        tx.update("staff_member", firm.unassigned, email="alt6@x.example")
    told = take_import_back(me, done, settings)
    assert {(stay.table, stay.field, stay.why) for stay in told.stays} == {("contact_email", "email", "taken")} and told.stay_count == 2
    with reader(SYSTEM) as r:
        kept = r.rows(f"SELECT email FROM {D}contact_email WHERE email ILIKE 'alt%' OR email LIKE 'neu%' ORDER BY lower(email)")
    assert [row["email"] for row in kept] == ["Alt5@X.example", "alt7@x.example", "neu5@x.example", "neu6@x.example"]


TASKS = """
name = "aufgaben"
[files.c]
path = "m.csv"
delimiter = ";"
[[tables]]
table = "task"
file = "c"
key = ["Id"]
fields = { account_id = { from = "Nr", by = "number" }, title = "Titel" }
"""


def test_nothing_refers_again_to_a_client_that_is_gone(firm, settings):
    me = firm.viewer("everything")
    run(settings, me, TASKS, "a;10003;Tu was", head="Id;Nr;Titel")
    done = run(settings, me, TASKS, "a;10001;Tu was", head="Id;Nr;Titel")
    with writer(firm.viewer("owner")) as tx:
        tx.delete("account", firm.empty)
    told = take_import_back(me, done, settings)
    assert [(stay.table, stay.field, stay.why) for stay in told.stays] == [("task", "account_id", "missing")]
    assert value(f"SELECT account_id FROM {D}task WHERE title = 'Tu was'") == firm.own and unfinished() == []


LINKS = """
name = "links"
[files.c]
path = "m.csv"
delimiter = ";"
[[tables]]
table = "contact"
file = "c"
key = ["Nr"]
fields = { name = "Wer" }
[[tables]]
table = "account_contact"
file = "c"
fields = { account_id = { from = "Nr", by = "number" }, contact_id = "Nr" }
"""


def test_a_client_keeps_a_contact_where_somebody_removed_the_one_before(firm, settings):
    done = run(settings, firm.viewer("everything"), LINKS, "10001;Neue Chefin", "10003;Auch neu", head="Nr;Wer")
    with writer(firm.viewer("owner")) as tx:
        tx.delete("email_access", {"account_id": firm.own, "contact_id": firm.contact, "contact_email_id": firm.address})
        tx.delete("account_contact", {"account_id": firm.own, "contact_id": firm.contact})
    told = take_import_back(firm.viewer("everything"), done, settings)
    assert [(stay.table, stay.why) for stay in told.stays] == [("account_contact", "last_contact")]
    assert value(f"SELECT list(name) FROM {D}contact WHERE name IN ('Neue Chefin', 'Auch neu')") == ["Neue Chefin"]
    assert value(f"SELECT count(*) FROM {D}account_contact WHERE account_id = {firm.own}") == 1


def test_two_lists_taken_back_in_another_order_leave_what_stood_before_both(firm, settings):
    me = firm.viewer("everything")
    other = NUMBERS[: NUMBERS.index('[[tables]]\ntable = "contact"')].replace('"mails"', '"zwei"')
    other = other.replace('key = ["Id"]', 'key = ["Id"]\nmatch = ["number"]\nconflict = "theirs"')
    run(settings, me, NUMBERS, "a;501;Alpha", "b;502;Alpha", head=IDS)
    one = run(settings, me, NUMBERS, "a;501;Beta", "b;502;Beta", head=IDS)
    with writer(firm.viewer("owner")) as tx:
        tx.update("account", tx.value("SELECT account_id FROM account WHERE number = '502'"), name="Von Hand")
    two = run(settings, me, other, "a;501;Gamma", "b;502;Gamma", head=IDS)
    take_import_back(me, one, settings)
    assert set(numbers()) == {"Gamma"}
    take_import_back(me, two, settings)
    assert numbers() == {"Alpha": "501", "Von Hand": "502"}
