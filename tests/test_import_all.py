"""Bringing data in: every table, files, other formats, broken input, refused rows and what depended on them, being killed."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from core.base.rights import Viewer
from core.clients.search import search
from core.i18n import speaking
from core.imports.run import import_data
from core.operations.doctor import examine
from core.store import close_store, reader
from core.store.tables import TABLES
from tests.faults.import_kills import few_tables_and_a_change, kills

SYSTEM = Viewer.system("tests")


def run(settings, file: Path, **asked) -> tuple[bool, list[str]]:
    said: list[str] = []
    with speaking("en"):
        return import_data(settings, file, said.append, **asked), said


def value(query: str):
    with reader(SYSTEM) as r:
        return r.value(query)


def digest_of_store() -> list:
    with reader(SYSTEM) as r:
        return [
            r.rows(f"SELECT count(*) AS n, bit_xor(hash(t)) AS h FROM kundenblick.data.{t} t")
            for t in TABLES
            if t not in ("import_run", "search_word")
        ]


def test_northwind_skipped_tells_what_depended(store, settings, northwind):
    file = northwind / "northwind.toml"
    file.write_text(file.read_text().replace('{ mend = "address" }', '"refuse"'))
    good, said = run(settings, file, skip_refused=True)
    assert good, said[-3:]
    assert value("SELECT count(*) FROM account") == 91 - 24
    assert [line for line in said if line.startswith("orders.csv") and "depends on the refused line" in line and "customers.csv" in line]
    assert [code for code, _ in examine(settings)] == ["owner"]


def test_changes_are_recorded_by_field(store, settings, northwind):
    run(settings, northwind / "northwind.toml")
    file = northwind / "customers.csv"
    file.write_text(
        file.read_text().replace("Alfreds Futterkiste", "Alfreds Napfwerk").replace("12209", "12210").replace("030-0074321", "030-1")
    )
    good, said = run(settings, northwind / "northwind.toml")
    assert good
    assert {"account: 0 new, 1 changed, 90 unchanged", "contact: 0 new, 1 changed, 90 unchanged"} <= set(said)
    with reader(SYSTEM) as r:
        rows = r.rows(
            """SELECT entity, field, old_value, new_value FROM audit_entry WHERE action = 'changed' AND old_value IS NOT NULL
            ORDER BY entity, field"""
        )
    assert [tuple(row.values()) for row in rows] == [
        ("account", "name", "Alfreds Futterkiste", "Alfreds Napfwerk"),
        ("contact", "company", "Alfreds Futterkiste", "Alfreds Napfwerk"),
        ("contact", "postcode", "12209", "12210"),
        ("contact_field_value", "value", "030-0074321", "030-1"),
    ]
    assert [match.number for match in search(SYSTEM, "napfwerk")] == ["ALFKI"]
    assert search(SYSTEM, "futterkiste") == []


def every_table(folder: Path) -> Path:
    """A mapping with one row for each table that can be brought in."""
    (folder / "one.csv").write_text("id,name,mail,day,time,file,photo\n1,Eins,eins@firma.de,2026-01-31,2026-01-31 12:00:00,a.txt,p.png\n")
    (folder / "a.txt").write_text("Inhalt")
    Image.new("RGB", (90, 60), "red").save(folder / "p.png")
    account, member = 'account_id = "id"', 'staff_member_id = "id"'
    job = 'job_id = "id"\n'
    fields = {
        "firm": 'name = "name"',
        "staff_member": 'name = "name"\nemail = "concat(\'team.\', mail)"',
        "staff_right": f'{member}\nright_key = {{ value = "see_invoices" }}',
        "saved_view": f'{member}\nname = "name"\ndefinition = {{ value = "{{}}" }}',
        "recent_account": f'{member}\n{account}\nopened_at = "time"',
        "account": 'number = "id"\nname = "name"',
        "photo": f'{account}\nfile = "photo"',
        "tag": 'name = "name"',
        "account_tag": f'{account}\ntag_id = "id"',
        "assignment": f"{account}\n{member}",
        "contact": 'name = "name"\nborn_on = "day"',
        "account_contact": f'{account}\ncontact_id = "id"',
        "contact_email": 'contact_id = "id"\nemail = "mail"\nis_primary = { value = "ja" }',
        "email_access": f'{account}\ncontact_id = "id"\ncontact_email_id = "id"\nlogin = {{ value = true }}\nemail_sync = {{ value = true }}',
        "custom_field": 'scope = { value = "account" }\nkey = { value = "tax" }\nlabel = "name"\ntype = { value = "text" }',
        "account_field_value": f'{account}\ncustom_field_id = {{ by = "key", value = "tax" }}\nvalue = "name"',
        "custom_field ": 'scope = { value = "contact" }\nkey = { value = "hobby" }\nlabel = { value = "Hobby" }\ntype = { value = "text" }',
        "contact_field_value": 'contact_id = "id"\ncustom_field_id = { by = "key", value = "hobby" }\nvalue = "name"',
        "document": f'{account}\nname = "name"\nuploaded_at = "time"\nis_from_client = {{ value = true }}\nfile = "file"',
        "task": f'{account}\n{job}title = "name"',
        "task_assignee": f'task_id = "id"\n{member}',
        "email": f'{account}\nsubject = "name"\nfrom_address = "mail"\nto_address = "mail"\nsent_at = "time"\n'
        'direction = { value = "received" }',
        "pipeline": 'name = "name"',
        "stage": 'pipeline_id = "id"\nname = "name"\nposition = { value = 1 }',
        "job": f'{account}\nname = "name"\npipeline_id = "id"\nstage_id = "id"\nstage_since_at = "time"',
        "chat": f'{account}\nsubject = "name"',
        "chat_message": 'chat_id = "id"\nsent_at = "time"\nis_from_client = { value = true }\ncontact_id = "id"\ntext = "name"',
        "invoice": f'{account}\nnumber = "id"\nissued_on = "day"\ndue_on = "day"\ntotal = "id * 100"',
        "invoice_line": 'invoice_id = "id"\nposition = { value = 1 }\ntext = "name"\nquantity = "id"\nunit_price = "id"\namount = "id"',
        "payment": 'invoice_id = "id"\npaid_on = "day"\namount = "id * 40.5"',
        "credit": f'{account}\nbooked_on = "day"\namount = "id"',
        "approval": 'document_id = "id"\ndocument_name = "name"\nasked_at = "time"\ndecided_by = "id"',
        "signature": 'document_id = "id"\ndocument_name = "name"\nsent_at = "time"',
        "contract": f'{account}\nname = "name"\nsent_at = "time"',
        "signatory": 'contract_id = "id"\ncontact_id = "id"\ncontact_email_id = "id"',
        "organizer": f'{account}\nname = "name"\nsent_at = "time"\nupdated_at = "time"\nquestion_count = {{ value = 7 }}',
        "login": f'{account}\ncontact_id = "id"\nemail = "mail"\ntried_at = "time"\noutcome = {{ value = "success" }}',
        "note": f'{account}\n{member}\ntext = "name"\nsaved_at = "time"',
        "time_entry": f'{account}\n{member}\n{job}worked_on = "day"\nminutes = {{ value = 30 }}',
    }
    parts = ['[files.one]\npath = "one.csv"\n']
    for table, text in fields.items():
        # A second block of a table has a blank behind its name, and a key of its own.
        own, table = table, table.strip()
        key = f"key = {['id'] if own == table else ['id', 'name']}\n".replace("'", '"') if TABLES[table].is_keyed else ""
        parts.append(f'[[tables]]\ntable = "{table}"\nfile = "one"\n{key}[tables.fields]\n{text}\n')
    (folder / "all.toml").write_text("\n".join(parts))
    return folder / "all.toml"


def test_every_table_can_be_brought_in(store, settings, tmp_path):
    from core.imports.mapping import NO_TARGET

    file = every_table(tmp_path)
    good, said = run(settings, file)
    assert good, said
    empty = [t for t in TABLES.keys() - NO_TARGET if value(f"SELECT count(*) FROM kundenblick.data.{t}") != 1 + (t == "custom_field")]
    assert empty == []
    assert {("40.50", "partially_paid")} == {(str(value("SELECT paid_amount FROM invoice")), value("SELECT status FROM invoice"))}
    assert (value("SELECT state FROM account"), value("SELECT last_message FROM chat")) == ("pending", "Eins")
    document = value("SELECT file FROM document")
    assert (settings.documents / document).read_text() == "Inhalt"
    assert value("SELECT photo_id FROM account") == value("SELECT photo_id FROM photo")
    assert Image.open(settings.photos / value("SELECT file FROM photo")).size == (60, 60)
    assert {"owner"} >= {code for code, _ in examine(settings)}
    assert run(settings, file)[1][-1] == "Everything is there already; nothing was written."
    (tmp_path / "a.txt").write_text("Neuer Inhalt")
    assert run(settings, file)[0]
    assert [path.read_text() for path in settings.documents.rglob("*.txt")] == ["Neuer Inhalt"]


BROKEN = """
[files.c]
path = "c.csv"
delimiter = ";"
decimal = ","
date = "%d.%m.%Y"
[[tables]]
table = "account"
file = "c"
key = ["no"]
[tables.fields]
number = "no"
name = "name"
kind = { from = "type", codes = { F = "company", P = "person" } }
[[tables]]
table = "contact"
file = "c"
key = ["no"]
[tables.fields]
name = "name"
born_on = "born"
[[tables]]
table = "account_contact"
file = "c"
[tables.fields]
account_id = "no"
contact_id = "no"
[[tables]]
table = "contact_email"
file = "c"
key = ["no"]
[tables.fields]
contact_id = "no"
email = "mail"
[[tables]]
table = "credit"
file = "c"
key = ["no"]
[tables.fields]
account_id = "no"
booked_on = "born"
amount = "credit"
"""


def test_broken_file_lists_every_problem(store, settings, tmp_path):
    rows = [
        "no;name;type;born;mail;credit",
        "1;Müller;F;31.12.1980;a@b.de;1.234,56",
        "2;Meier;X;31.12.1980;c@b.de;1",
        "3;Huber;P;31.02.1980;d@b.de;1",
        "4;Maier;P;31.12.1980;nonsense;1",
        "5;Bauer;P;31.12.1980;e@b.de;12,345",
        "1;Double;P;31.12.1980;f@b.de;1",
        "7;Short;P",
        "8;;P;31.12.1980;g@b.de;1",
        "9;Same;P;31.12.1980;A@b.de;1",
        '10;"open;P;31.12.1980;h@b.de;1',
    ]
    (tmp_path / "c.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "m.toml").write_text(BROKEN)
    before = digest_of_store()
    good, said = run(settings, tmp_path / "m.toml")
    assert not good
    for expected in (
        "c.csv, line 3, kind ← type",
        "c.csv, line 4, born_on ← born",
        "c.csv, line 5, email ← mail",
        "c.csv, line 6, amount ← credit",
        'c.csv, line 7, no: The key "1"',
        "c.csv, line 8: expected 6 fields, found 3",
        "c.csv, line 9, name: A value for name is missing",
        'c.csv, line 10, email: "a@b.de" already stands in line 2',
        "c.csv, line 11: A quotation mark opens here",
    ):
        assert [line for line in said if line.startswith(expected)], (expected, said)
    assert before == digest_of_store()


def test_encoding_is_told_by_line_and_column(store, settings, tmp_path):
    (tmp_path / "c.csv").write_bytes("no;name;type;born;mail;credit\n1;Müller;F;31.12.1980;a@b.de;1\n".encode("cp1252"))
    (tmp_path / "m.toml").write_text(BROKEN)
    good, said = run(settings, tmp_path / "m.toml")
    assert not good
    assert any(line.startswith("c.csv, line 2, name: A character is not written in UTF-8.") for line in said)


def test_wrong_mapping_says_what_was_expected(store, settings, tmp_path):
    (tmp_path / "c.csv").write_text("no;name;type;born;mail;credit\n")
    wrong = BROKEN.replace('"name"', '"nam"', 1).replace('table = "credit"', 'table = "money"').replace('name = "name"', 'nme = "name"', 1)
    (tmp_path / "m.toml").write_text(wrong)
    good, said = run(settings, tmp_path / "m.toml")
    assert not good
    assert [line for line in said if "tables[5].table" in line and "account" in line], said
    (tmp_path / "m.toml").write_text(BROKEN.replace('"born"', '"__import__(1)"', 1))
    assert [line for line in run(settings, tmp_path / "m.toml")[1] if "__import__" in line and "date" in line]


def test_excel_and_parquet(store, settings, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq
    from openpyxl import Workbook

    book = Workbook()
    for row in (("no", "name"), (7, "Eins"), ("008", "Zwei")):
        book.active.append(row)
    book.save(tmp_path / "c.xlsx")
    pq.write_table(pa.table({"no": ["7", "008"], "phone": ["030 2000", None]}), tmp_path / "p.parquet")
    (tmp_path / "m.toml").write_text(
        """[files.c]\npath = "c.xlsx"\n[files.p]\npath = "p.parquet"\n"""
        """[[tables]]\ntable = "account"\nfile = "c"\nkey = ["no"]\nfields = { number = "no", name = "name" }\n"""
        """[[tables]]\ntable = "contact"\nfile = "p"\nkey = ["no"]\nfields = { name = "no", phone = "phone" }\n"""
        """[[tables]]\ntable = "account_contact"\nfile = "c"\nfields = { account_id = "no", contact_id = "no" }\n"""
    )
    good, said = run(settings, tmp_path / "m.toml")
    assert good, said
    with reader(SYSTEM) as r:
        assert [row["number"] for row in r.rows("SELECT number FROM account ORDER BY number")] == ["008", "7"]


def test_a_file_outside_of_the_folder_is_refused(store, settings, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    file = every_table(folder)
    (tmp_path / "secret.txt").write_text("x")
    (folder / "one.csv").write_text((folder / "one.csv").read_text().replace("a.txt", "../secret.txt"))
    good, said = run(settings, file)
    assert not good
    assert [line for line in said if "line 2" in line and "lies outside" in line]
    assert not settings.documents.exists() or not list(settings.documents.rglob("*"))


def test_killed_it_is_before_or_after(tmp_path):
    """A few of the last steps; every step: ``python tests/faults/import_kills.py``."""
    close_store()
    found = kills(tmp_path, few_tables_and_a_change(tmp_path / "source"), every=8, last=40, large=True)
    assert found["before"] >= 1 and found["after"] >= 1, found
