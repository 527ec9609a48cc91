"""What a file said last is remembered only where it differs: erased, renamed, made again, met for the first time, from before the update."""

from __future__ import annotations

import re
import shutil

import pytest

from core.access.open_account import open_account
from core.base.errors import AppError
from core.clients.account_record import delete_account
from core.clients.contact_emails import _delete_email
from core.i18n import speaking
from core.imports.problems import Problem
from core.imports.rename import rename_mapping
from core.imports.run import import_data
from core.operations.installation import open_installation
from core.store import close_store, reader, writer
from tests.test_import_again import MAPPING, STAFF, SYSTEM

TAGS = """
[[tables]]
table = "tag"
file = "c"
key = ["'bau'"]
distinct = true
fields = { name = { value = "Bau" } }
[[tables]]
table = "account_tag"
file = "c"
fields = { account_id = "Nr", tag_id = { value = "bau" } }
[[tables]]
table = "task"
file = "c"
key = ["Nr"]
fields = { account_id = "Nr", title = { value = "Anrufen" } }
[[tables]]
table = "task_assignee"
file = "a"
fields = { task_id = "Nr", staff_member_id = "Id" }
[[tables]]
table = "contract"
file = "c"
key = ["Nr"]
fields = { account_id = "Nr", name = { value = "Vertrag" }, sent_at = { value = "2026-01-02" } }
[[tables]]
table = "signatory"
file = "c"
fields = { contract_id = "Nr", contact_id = "Nr", contact_email_id = "Nr", signed_at = "Signed" }
"""


class Bringing:
    """One small firm's files, brought in again and again; what was said of the last run is in ``said``."""

    def __init__(self, settings, folder) -> None:
        self.settings, self.folder, self.said = settings, folder, []
        self.mapping = MAPPING + TAGS
        self.clients, self.team, self.links = {"1": ("Alpha GmbH", "chef@alpha.de", "")}, {"7": ("Eva Ex", "eva@kanzlei.de")}, [("1", "7")]

    def __call__(self, *, good: bool = True, **how: object) -> list[str]:
        (self.folder / "m.toml").write_text(self.mapping, "utf-8")
        for name, head, rows in (
            ("c", "Nr,Firma,Mail,Signed", [(nr, *values) for nr, values in self.clients.items()]),
            ("s", "Id,Name,Mail", [(nr, *values) for nr, values in self.team.items()]),
            ("a", "Nr,Id", self.links),
        ):
            (self.folder / f"{name}.csv").write_text("\n".join([head, *map(",".join, rows)]) + "\n", "utf-8")
        self.said = []
        with speaking("en"):
            assert import_data(self.settings, self.folder / "m.toml", self.said.append, **how) is good, self.said
        return self.said


@pytest.fixture(scope="module")
def brought_once(tmp_path_factory):
    """A data folder into which the files were brought once; copied for each test."""
    return tmp_path_factory.mktemp("brought") / "data"


@pytest.fixture
def bring(store, settings, tmp_path, brought_once):
    made = Bringing(settings, tmp_path)
    if not brought_once.exists():
        made()
        close_store()
        shutil.copytree(settings.data, brought_once)
    else:
        close_store()
        shutil.rmtree(settings.data)
        shutil.copytree(brought_once, settings.data)
    open_installation(settings)
    return made


def rows(table: str) -> list[dict]:
    with reader(SYSTEM) as r:
        return r.rows(f"SELECT * FROM kundenblick.data.{table} ORDER BY ALL")


REMOVED = ("staff_right", "assignment", "account_tag", "task_assignee", "signatory", "email_access")


def take_all_away() -> None:
    """Staff takes back every right, assignment, tag, task, signature and access."""
    named = {table: {c: v for c, v in rows(table)[0].items() if c.endswith("_id") and v is not None} for table in REMOVED}
    with writer(STAFF) as tx:
        for table, ids in named.items():
            tx.delete_all(table, **ids)


def test_what_was_taken_away_here_is_not_given_again(bring):
    take_all_away()
    for _ in range(2):
        said = "\n".join(bring())
        for table in REMOVED:
            assert re.search(rf"{table}, [\w,]+: removed here, or part of something removed here; stays away\.", said), table
            assert rows(table) == [], table


def test_what_the_file_no_longer_names_and_names_again_stays_away(bring):
    take_all_away()
    clients, team = bring.clients, bring.team
    bring.clients, bring.team, bring.links = {"2": ("Beta GmbH", "b@beta.de", "")}, {"8": ("Uwe Ix", "uwe@kanzlei.de")}, [("2", "8")]
    bring()
    bring.clients, bring.team, bring.links = {**clients, **bring.clients}, {**team, **bring.team}, [("1", "7"), ("2", "8")]
    bring()
    assert {table: len(rows(table)) for table in REMOVED} == dict.fromkeys(REMOVED, 1)


def test_a_rule_for_the_whole_table_makes_nobody_owner(bring):
    """Both moved: staff made her admin, the file owner. Only the field's own name under ``theirs`` gives a role to the file."""
    with writer(STAFF) as tx:
        tx.update("staff_member", rows("staff_member")[0]["staff_member_id"], role="admin")
    plain = bring.mapping.replace('role = { value = "employee" }', 'role = { value = "owner" }')
    for rule, role in (('conflict = "theirs"', "admin"), ('theirs = ["role"]', "owner")):
        bring.mapping = plain.replace('table = "staff_member"\n', f'table = "staff_member"\n{rule}\n')
        bring()
        assert rows("staff_member")[0]["role"] == role


def test_a_rule_for_the_whole_table_switches_nothing_on(bring):
    """A switch the mapping never spoke of before meets what stands here for the first time."""
    plain = bring.mapping.replace("login = { value = true }", "login = { value = true }, notify = { value = true }")
    for rule, notify in (('conflict = "theirs"', False), ('theirs = ["notify"]', True)):
        bring.mapping = plain.replace('table = "email_access"\n', f'table = "email_access"\n{rule}\n')
        bring()
        assert rows("email_access")[0]["notify"] is notify


def test_what_people_and_the_file_changed_alike_is_the_last_word_even_when_nothing_is_written(bring):
    with writer(STAFF) as tx:
        tx.update("account", rows("account")[0]["account_id"], name="Alpha AG")
        tx.update("contact", rows("contact")[0]["contact_id"], name="Alpha AG")
    for name, stands in (("Alpha AG", "Alpha AG"), ("Alpha GmbH", "Alpha GmbH")):
        bring.clients["1"] = (name, "chef@alpha.de", "")
        bring()
        assert rows("account")[0]["name"] == stands


def test_an_unchanged_import_takes_no_numbers(bring):
    def next_number() -> int:
        with writer(SYSTEM) as tx:
            return tx.new_id()

    before = next_number()
    bring()
    assert next_number() == before + 1


def test_a_field_given_to_the_file_by_name_is_taken(bring):
    with writer(STAFF) as tx:
        tx.update("account", rows("account")[0]["account_id"], name="Alpha Holding")
    bring.mapping = bring.mapping.replace('table = "account"\n', 'table = "account"\ntheirs = ["name"]\n')
    bring.clients["1"] = ("Alpha AG", "chef@alpha.de", "")
    said = bring()
    assert rows("account")[0]["name"] == "Alpha AG"
    assert "1 field says something else here than in the file; the mapping gives it to the file." in said


def test_ours_is_asked_again_only_when_the_file_moves_again(bring):
    with writer(STAFF) as tx:
        tx.update("account", rows("account")[0]["account_id"], name="Alpha Holding")
    bring.mapping = bring.mapping.replace('table = "account"\n', 'table = "account"\nconflict = "ours"\n')
    told = []
    for name in ("Alpha AG", "Alpha AG", "Alpha SE"):
        bring.clients["1"] = (name, "chef@alpha.de", "")
        told.append(any("changed here and in the file" in line for line in bring()))
        assert rows("account")[0]["name"] == "Alpha Holding"
    assert told == [True, False, True]


def test_a_value_erased_from_the_record_is_a_first_meeting(bring):
    account = rows("account")[0]["account_id"]
    with writer(STAFF) as tx:
        tx.update("account", account, name="Alpha Holding")
        tx.update("contact", rows("contact")[0]["contact_id"], name="Anna Alpha")
    bring()
    assert len(rows("import_word")) == 2
    with writer(SYSTEM) as tx:
        tx.erase("account", account)
    assert [row["said"] for row in rows("import_word")] == [None, "Alpha GmbH"]
    said = bring()
    assert rows("account")[0]["name"] == "Alpha Holding"
    assert (
        'c.csv, line 2, name: account, 1: the file says "Alpha GmbH", here it is "Alpha Holding". They meet for the first time'
        in "\n".join(said)
    )
    assert "1 field was changed here and not in the file; it stays." in said


def test_a_client_deleted_for_good_leaves_no_key_and_does_not_come_back(bring):
    account = rows("account")[0]
    delete_account(open_account(SYSTEM, account["account_id"]), account["name"])
    assert not [row for row in rows("import_key") if row["table_name"] in ("account", "task") and row["source_key"] == "1"]
    for _ in range(2):
        said = bring()
        assert rows("account") == []
        assert "c.csv, line 2: account, 1: removed here, or part of something removed here; stays away." in said
    bring(again=("account:1",))
    assert rows("account")[0]["name"] == "Alpha GmbH"
    assert [len(rows(table)) for table in ("assignment", "account_contact", "email_access")] == [1, 1, 1]


def test_again_brings_one_row_and_says_when_there_is_none(bring):
    with writer(STAFF) as tx:
        tx.delete_all("assignment", account_id=rows("account")[0]["account_id"])
    assert "a.csv, line 2: assignment, 1,7: removed here, or part of something removed here; stays away." in bring()
    assert bring(again=("assignment:1,9",), good=False)[0].startswith("--again assignment:1,9: the files name no such row.")
    assert rows("assignment") == []
    bring(again=("assignment:1,7",))
    assert len(rows("assignment")) == 1


def test_a_name_takes_its_memory_along(bring):
    with writer(STAFF) as tx:
        tx.update("account", rows("account")[0]["account_id"], name="Alpha Holding")
    bring.mapping = bring.mapping.replace('name = "team"', 'name = "lexware"')
    told = 'The name "lexware" is new here, but every key of these files came under "team".'
    assert any(line.startswith(told) for line in bring(dry_run=True, good=False))
    rename_mapping("team", "lexware")
    assert not any(line.startswith(told) for line in bring())
    assert rows("account")[0]["name"] == "Alpha Holding"
    with pytest.raises(AppError, match="mapping_unknown"):
        rename_mapping("team", "other")
    bring.mapping = bring.mapping.replace('name = "lexware"', 'name = "other"')
    with pytest.raises(AppError, match="mapping_taken"):
        rename_mapping("lexware", "lexware")


def test_who_would_be_let_in_is_told_by_name_before_the_counts(bring):
    bring.clients["2"] = ("Beta GmbH", "b@beta.de", "")
    bring.team["8"] = ("Uwe Ix", "uwe@kanzlei.de")
    bring.links += [("1", "8"), ("2", "7")]
    said = bring(dry_run=True)
    at = said.index("1 login is switched on:")
    assert said[at + 1] == "  b@beta.de · Beta GmbH"
    assert said[said.index("2 clients are assigned:") + 1 :][:2] == ["  Uwe Ix · Alpha GmbH", "  Eva Ex · Beta GmbH"]
    assert said[said.index("1 right is given:") + 1] == "  Uwe Ix · See invoices"
    assert said[said.index("1 person of the team is active from now on:") + 1] == "  Uwe Ix · uwe@kanzlei.de"
    assert said[said.index("1 task is given to somebody:") + 1] == "  Uwe Ix · Anrufen"
    assert at < next(place for place, line in enumerate(said) if line.startswith("staff_member: "))
    assert len(rows("assignment")) == 1


def test_a_rehearsal_tells_changes_by_example(bring):
    bring.clients["1"] = ("Alpha AG", "chef@alpha.de", "")
    said = bring(dry_run=True)
    assert 'account, 1: name: "Alpha GmbH" → "Alpha AG"' in said
    assert rows("account")[0]["name"] == "Alpha GmbH"


def test_a_new_field_of_the_mapping_is_a_first_meeting(bring):
    with writer(STAFF) as tx:
        tx.update("contact", rows("contact")[0]["contact_id"], city="Kiel", street="Am Kai 1")
    bring.mapping = bring.mapping.replace(
        'fields = { name = "Firma" }', 'fields = { name = "Firma", city = { value = "Bonn" }, phone = { value = "+49 228 1" } }', 1
    )
    said = bring()
    contact = rows("contact")[0]
    assert (contact["city"], contact["street"]) == ("Kiel", "Am Kai 1")
    assert any("They meet for the first time" in line for line in said)


def test_what_the_files_no_longer_name_keeps_what_was_done_here(bring):
    with writer(STAFF) as tx:
        tx.update("account", rows("account")[0]["account_id"], name="Alpha Holding")
    first, bring.clients, bring.links = bring.clients, {"2": ("Beta GmbH", "b@beta.de", "")}, []
    bring()
    bring.clients, bring.links = {**first, **bring.clients}, [("1", "7")]
    bring()
    assert {row["name"] for row in rows("account")} == {"Alpha Holding", "Beta GmbH"}


def test_removed_here_and_moved_in_the_file_is_listed(bring):
    access = rows("email_access")[0]
    with writer(STAFF) as tx:
        tx.delete("email_access", {c: access[c] for c in ("account_id", "contact_id", "contact_email_id")})
    bring.mapping = bring.mapping.replace("login = { value = true }", "login = { value = false }")
    said = bring()
    assert 'c.csv, line 2, login: email_access: removed here; the file changed "yes" into "no" since. The row stays away.' in said
    assert rows("email_access") == []


def test_a_firm_of_the_version_before_keeps_what_people_did(bring):
    """Its keys name no fields, and there are none of rows without a number; the record alone tells what people did."""
    with writer(SYSTEM) as tx:
        tx.execute("DELETE FROM import_key WHERE object_id = 0 OR table_name IN ('task_assignee', 'signatory')")
        tx.execute("UPDATE import_key SET shape = NULL")
        tx.execute("DELETE FROM import_shape")
        tx.execute("UPDATE audit_entry SET field = NULL, new_value = NULL WHERE entity = 'staff_right' AND action = 'created'")
    access, account = rows("email_access")[0], rows("account")[0]["account_id"]
    with writer(STAFF) as tx:
        tx.update("account", account, name="Alpha Holding")
        tx.update("email_access", {c: access[c] for c in ("account_id", "contact_id", "contact_email_id")}, login=False)
        tx.delete_all("assignment", account_id=account)
        tx.delete_all("staff_right", right_key="see_invoices")
    for _ in range(2):
        bring()
        assert rows("account")[0]["name"] == "Alpha Holding"
        assert rows("email_access")[0]["login"] is False
        assert (rows("assignment"), rows("staff_right")) == ([], [])


def test_the_record_names_every_row_by_its_whole_key(bring):
    with reader(SYSTEM) as r:
        made = r.rows("SELECT entity, entity_id, account_id, contact_id, field, new_value FROM audit_entry WHERE action = 'created'")
    named = [row["entity"] for row in made]
    right = next(row for row in made if row["entity"] == "staff_right")
    assert (right["field"], right["new_value"]) == ("right_key", "see_invoices")
    for table in ("task_assignee", "signatory"):
        assert named.count(table) == 1
        assert next(row for row in made if row["entity"] == table)["entity_id"] == rows(table)[0][f"{table}_id"]
    with writer(STAFF) as tx:
        tx.insert("staff_right", staff_member_id=right["entity_id"], right_key="manage_tags")
        assert tx.entries[-1]["new_value"] == "manage_tags"


def test_an_address_that_is_deleted_is_taken_off_its_sign_ins_in_the_record(bring):
    email = rows("contact_email")[0]
    with writer(STAFF) as tx:
        login = tx.insert(
            "login", account_id=rows("account")[0]["account_id"], contact_id=email["contact_id"], contact_email_id=email["contact_email_id"],
            email=email["email"], tried_at=tx.moment, outcome="success",
        )  # fmt: skip
        tx.delete_all("email_access", contact_email_id=email["contact_email_id"])
        tx.delete_all("signatory", contact_email_id=email["contact_email_id"])
        _delete_email(tx, email["contact_email_id"])
        told = [entry for entry in tx.entries if entry["entity"] == "login" and entry["action"] == "changed"]
    assert [(e["entity_id"], e["field"], e["old_value"], e["new_value"]) for e in told] == [
        (login, "contact_email_id", str(email["contact_email_id"]), None)
    ]


def test_an_unchanged_import_writes_nothing_at_all(bring):
    def state() -> dict[str, object]:
        return {table: len(rows(table)) for table in ("audit_entry", "import_run", "import_key", "import_word", "import_shape")}

    before = state()
    assert "Everything is there already; nothing was written." in bring()
    assert state() == before


@pytest.mark.parametrize(
    ("language", "code", "values", "said"),
    [
        ("de", "amount_large", {"value": "1234567890123.5"}, "Der Betrag 1.234.567.890.123,5 ist zu groß."),
        ("de", "status_follows", {"value": "paid", "paid": "0.00", "total": "1190.00", "kept": "unpaid"}, "bezahlt sind 0,00 von 1.190,00,"),
        ("en", "status_follows", {"value": "paid", "paid": "0.00", "total": "1190.00", "kept": "unpaid"}, "0.00 of 1,190.00"),
        ("de", "conflict", {"table": "invoice", "key": "7", "value": "1190.00", "here": "", "kind": "DECIMAL(14,2)"}, "sagt „1.190,00“"),
        ("de", "conflict", {"table": "task", "key": "7", "value": "2026-11-30", "here": "2026-12-01", "kind": "DATE"}, "hier steht „01.12.2026“"),
        ("de", "conflict", {"table": "account", "key": "7", "value": "1190.00", "here": "x", "kind": "VARCHAR"}, "sagt „1190.00“"),
        ("de", "form.date_ahead", {"value": "2126-01-01"}, "„01.01.2126“"),
    ],
)  # fmt: skip
def test_amounts_and_days_are_said_as_people_write_them(language, code, values, said):
    with speaking(language):
        assert said in Problem("a.csv", 2, "x", code, values).sentence()
