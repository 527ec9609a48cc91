"""What the forms refuse, an import refuses too, with file, line, column and what was expected; what it keeps, it keeps as a form does."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from core.access.open_account import open_account
from core.audit.account_history import HistoryQuery, can_put_back, put_back, read_history
from core.base.rights import Viewer
from core.clients.account_record import read_record
from core.clients.custom_fields import define_field, retire_field
from core.i18n import speaking
from core.imports.run import import_data
from core.store import reader, writer

SYSTEM = Viewer.system("tests")
FIELDS = (
    ("zahl", "Zahl", "number", ""), ("geld", "Geld", "money", ""), ("tag", "Tag", "date", ""), ("ja", "Ja", "yes_no", ""),
    ("form", "Rechtsform", "choice", "GmbH;KG"), ("arten", "Arten", "choices", "Lohn;Fibu;Bilanz"), ("post", "Post", "email", ""),
    ("ruf", "Ruf", "phone", ""), ("netz", "Netz", "link", ""), ("konto", "IBAN", "iban", ""), ("ust", "USt", "vat_id", ""),
    ("wer", "Wer", "staff_member", ""), ("ort", "Ort", "address", ""), ("lang", "Lang", "long_text", ""),
)  # fmt: skip
GOOD = {
    "zahl": ("1.234,50", "1234.5"), "geld": ("1.234,5", "1234.50"), "tag": ("31.12.2026", "2026-12-31"), "ja": ("Ja", "true"),
    "form": ("KG", "KG"), "arten": ("Fibu; Lohn", '["Lohn", "Fibu"]'), "post": ("Info@Firma.example", "info@firma.example"),
    "ruf": ("030 1234567", "+49 30 1234567"), "netz": ("www.firma.example", "https://www.firma.example"),
    "konto": ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"), "ust": ("DE 136 695 976", "DE136695976"),
    "ort": ('{"street": "Am Markt 1", "postcode": "10115", "city": "Berlin", "country": "DE"}', None), "lang": ("Zeile", "Zeile"),
}  # fmt: skip
BAD = {
    "zahl": ("viele", "is not a number"), "geld": ("1,234", "At most 2 digits"), "tag": ("31.02.2026", "of the form %d.%m.%Y"),
    "ja": ("vielleicht", "neither yes nor no"), "form": ("GmbH & Co", "Expected is: GmbH, KG"), "arten": ("Lohn;Steuer", "Lohn, Fibu, Bilanz"),
    "post": ("niemand", "address"), "ruf": ("12", "030 123456"), "netz": ("ftp://x.example", "https://"),
    "konto": ("DE89370400440532013001", "IBAN"), "ust": ("DE136695975", "VAT id"), "wer": ("nobody@x.example", "active team member"),
    "ort": ("Am Markt 1", "Street, postcode"), "lang": ("a\x1bb", "control characters"),
}  # fmt: skip

MAPPING = """
[files.clients]
path = "clients.csv"
[files.fields]
path = "fields.csv"
[files.values]
path = "values.csv"
decimal = ","
date = "%d.%m.%Y"
[[tables]]
table = "account"
file = "clients"
key = ["no"]
match = ["number"]
fields = { number = "no", name = "name" }
[[tables]]
table = "contact"
file = "clients"
key = ["no"]
fields = { name = "contact", phone = "phone", postcode = "postcode", country = "country" }
[[tables]]
table = "account_contact"
file = "clients"
fields = { account_id = "no", contact_id = "no" }
[[tables]]
table = "contact_email"
file = "clients"
key = ["no"]
when = "mail"
fields = { contact_id = "no", email = "mail" }
[[tables]]
table = "custom_field"
file = "fields"
key = ["scope", "key"]
fields = { scope = "scope", key = "key", label = "label", type = "type", options = "options" }
[[tables]]
table = "account_field_value"
file = "values"
when = "scope == 'account'"
fields = { account_id = "no", custom_field_id = "concat(scope, '_', key)", value = "value" }
[[tables]]
table = "contact_field_value"
file = "values"
when = "scope == 'contact'"
fields = { contact_id = "no", custom_field_id = "concat(scope, '_', key)", value = "value" }
"""


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.fixture
def folder(firm, settings, tmp_path) -> Path:
    """A mapping of clients, fields and values over the small firm; nothing wrong in it."""
    (tmp_path / "m.toml").write_text(MAPPING.replace('["scope", "key"]', "[\"concat(scope, '_', key)\"]"), "utf-8")
    clients(tmp_path, "20001,Neu GmbH,Nora Neu,030 1234567,10115,DE,nora@neu.example")
    rows = [f"account,{key},{label},{type_},{options}" for key, label, type_, options in FIELDS]
    rows += ["contact,hobby,Hobby,text,", "contact,privat,E-Mail privat,email,"]
    (tmp_path / "fields.csv").write_text("\n".join(["scope,key,label,type,options", *rows]) + "\n", "utf-8")
    values(tmp_path, {})
    return tmp_path


def clients(folder: Path, *rows: str) -> None:
    (folder / "clients.csv").write_text("\n".join(["no,name,contact,phone,postcode,country,mail", *rows]) + "\n", "utf-8")


def values(folder: Path, given: dict[str, str], *, scope: str = "account", no: str = "20001") -> None:
    rows = [f"{scope},{no},{key},{quoted(value)}" for key, value in given.items()]
    (folder / "values.csv").write_text("\n".join(["scope,no,key,value", *rows]) + "\n", "utf-8")


def run(settings, folder: Path, **asked) -> tuple[bool, list[str]]:
    said: list[str] = []
    with speaking("en"):
        return import_data(settings, folder / "m.toml", said.append, **asked), said


def stored(number: str = "20001") -> dict[str, str]:
    with reader(SYSTEM) as r:
        rows = r.rows(
            """SELECT d.key, v.value FROM account_field_value v JOIN custom_field d USING (custom_field_id)
            JOIN account a USING (account_id) WHERE a.number = $number""",
            number=number,
        )
    return {row["key"]: row["value"] for row in rows}


def test_values_of_every_type_are_kept_as_the_form_keeps_them(firm, settings, folder):
    values(folder, {key: given for key, (given, _) in GOOD.items()} | {"wer": "assigned@kanzlei.example"})
    good, said = run(settings, folder)
    assert good, said
    found = stored()
    assert found["wer"] == str(firm.assigned)
    assert {key: wanted for key, (_, wanted) in GOOD.items() if wanted} == {key: found[key] for key, (_, wanted) in GOOD.items() if wanted}
    assert run(settings, folder)[1][-1] == "Everything is there already; nothing was written."
    with reader(SYSTEM) as r:
        account = open_account(firm.viewer("owner"), r.value("SELECT account_id FROM account WHERE number = '20001'"))
    typed = {one.label: value for one in read_record(account).fields if (value := read_record(account).values.get(one.key)) is not None}
    assert typed["Arten"] == ("Lohn", "Fibu") and typed["Ort"]["city"] == "Berlin" and typed["Ja"] is True


def test_a_value_that_does_not_fit_its_field_is_refused_with_its_place(firm, settings, folder):
    values(folder, {key: given for key, (given, _) in BAD.items()})
    good, said = run(settings, folder)
    assert not good
    labels = {key: label for key, label, *_ in FIELDS}
    for line, (key, (_, expected)) in enumerate(BAD.items(), 2):
        assert [one for one in said if one.startswith(f"values.csv, line {line}, {labels[key]} ← value: ") and expected in one], (key, said)
    assert stored() == {}


def test_a_value_is_recorded_as_a_change_of_its_field_and_put_back(firm, settings, folder):
    clients(folder, "10001,Müller/Weber GbR,Nora Neu,,,,nora@neu.example")
    values(folder, {"form": "KG"}, no="10001")
    assert run(settings, folder)[0]
    before = read_record(firm.account()).version
    values(folder, {"form": "GmbH"}, no="10001")
    assert run(settings, folder)[0]
    assert read_record(firm.account()).version == before + 1, "a form that is open meanwhile must notice"
    rows = [row for row in read_history(firm.account(), HistoryQuery()) if row["entity"] == "account_field_value"]
    told = [(row["action"], row["field"], row["label"], row["old_value"], row["new_value"], row["through"]) for row in rows]
    assert told == [
        ("changed", "value", "Rechtsform", "KG", "GmbH", "import"), ("changed", "value", "Rechtsform", None, "KG", "import"),
    ]  # fmt: skip
    assert all(map(can_put_back, rows))
    put_back(firm.account(), rows[0]["audit_entry_id"])
    assert stored("10001") == {"form": "KG"}
    put_back(firm.account(), rows[1]["audit_entry_id"])
    assert stored("10001") == {}


def test_a_field_of_the_wrong_side_and_an_address_are_refused_in_words(firm, settings, folder):
    values(folder, {"hobby": "Segeln"})
    assert "no key" in "".join(run(settings, folder)[1])
    mapping = folder / "m.toml"
    mapping.write_text(mapping.read_text("utf-8").replace("concat(scope, '_', key)\", value", 'key", value'), "utf-8")
    for no, given, expected in (("20001", {"contact_hobby": "Segeln"}, '"Hobby" is a field for contacts, not for clients.'),):
        values(folder, given, no=no)
        assert f"values.csv, line 2, custom_field_id: {expected}" in run(settings, folder)[1]
    values(folder, {"contact_privat": "nora.privat@neu.example"}, scope="contact")
    assert "Bring it as contact_email with custom_field_id." in "".join(run(settings, folder)[1])


def test_a_retired_field_takes_no_value_and_a_new_record_needs_its_required_ones(firm, settings, folder):
    owner = firm.viewer("owner")
    old = define_field(owner, scope="account", label="Früher", type="text", options=())
    retire_field(owner, old)
    with writer(SYSTEM) as tx:
        tx.update("custom_field", old, key="frueher")
    mapping = folder / "m.toml"
    by_key = mapping.read_text("utf-8").replace(
        """custom_field_id = "concat(scope, '_', key)", value""", 'custom_field_id = { by = "key", from = "key" }, value', 1
    )
    mapping.write_text(by_key, "utf-8")
    values(folder, {"frueher": "x"})
    good, said = run(settings, folder)
    assert not good and '"Früher" is no longer used' in "".join(said)
    define_field(owner, scope="account", label="Mandatsart", type="text", options=(), required=True)
    define_field(owner, scope="contact", label="Anredeform", type="text", options=(), required=True)
    values(folder, {})
    good, said = run(settings, folder)
    assert not good
    assert [line for line in said if "Missing: Mandatsart. New records need it." in line and "clients.csv, line 2" in line], said
    assert [line for line in said if "Missing: Anredeform." in line]
    with reader(SYSTEM) as r:
        assert r.value("SELECT count(*) FROM account WHERE number = '20001'") == 0


def test_a_contact_has_one_primary_address(firm, settings, folder):
    mapping = folder / "m.toml"
    primary = mapping.read_text("utf-8").replace('email = "mail" }', 'email = "mail", is_primary = { value = true } }')
    mapping.write_text(primary.replace('contact_id = "no", email', 'contact_id = { by = "name", value = "Maria Müller" }, email'), "utf-8")
    clients(
        folder,
        "20001,Neu GmbH,Nora Neu,,10115,DE,nora@neu.example",
        "20002,Auch Neu,Karl Neu,,10115,DE,zweite@mueller.example",
    )
    good, said = run(settings, folder)
    assert not good
    assert [line for line in said if "line 3" in line and '"zweite@mueller.example" would be a second primary address' in line], said
    with writer(SYSTEM) as tx:
        tx.update("contact_email", firm.address, is_primary=False)
    good, said = run(settings, folder)
    assert not good, "both in the file"
    assert len([line for line in said if "second primary address" in line]) == 1


REFUSED = (
    ("Ne\u0007u,Nora Neu,,,,", "name", "control characters"),
    ("Neu,N\u0007ora,,,,", "name ← contact", "control characters"),
    (f"{'x' * 201},Nora Neu,,,,", "name", "201 characters are too many, at most 200"),
    ("Neu,Nora Neu,12,,,", "phone", "Something like 030 123456"),
    ("Neu,Nora Neu,,1011,DE,", "postcode", "Postcodes in DE"),
    ("Neu,Nora Neu,,,Germany,", "country", "A code like DE"),
    ("Neu,Nora Neu,,,,nora@firma.test", "email ← mail", "not a complete email address"),
    ("Neu,Nora Neu,,,,owner@kanzlei.example", "email", "is the address of a team member"),
    ("Neu,Nora Neu,,,,Maria@Mueller.example", "email", 'Another record already has "maria@mueller.example"'),
    ("Neu,Nora Neu,,,,twice@neu.example", "", ""),
    ("Neu,Nora Neu,,,,Twice@Neu.example", "email", '"twice@neu.example" already stands in line 11'),
)


def test_what_a_form_refuses_is_refused_with_line_and_reason(firm, settings, folder):
    clients(folder, *(f"2000{place},{row}" for place, (row, *_) in enumerate(REFUSED, 10)))
    good, said = run(settings, folder)
    assert not good
    for line, (row, column, expected) in enumerate(REFUSED, 2):
        if expected:
            assert [one for one in said if one.startswith(f"clients.csv, line {line}, {column}: ") and expected in one], (row, said)
    mapping = folder / "m.toml"
    mapping.write_text(mapping.read_text("utf-8").replace('match = ["number"]\n', ""), "utf-8")
    clients(folder, "10001,Neu,Nora Neu,,,,")
    assert (
        'clients.csv, line 2, number: Another record already has "10001": Müller/Weber GbR. If the row means that one, add match = ["number"] to the mapping.'
        in run(settings, folder)[1]
    )
    with reader(SYSTEM) as r:
        assert r.value("SELECT count(*) FROM account") == 3


def test_a_number_without_a_prefix_is_one_of_the_contacts_country(firm, settings, folder):
    clients(folder, "20001,Neu,Nora Neu,01 234567,1010,at,")
    assert run(settings, folder)[0]
    with reader(SYSTEM) as r:
        assert r.row("SELECT phone, country FROM contact WHERE name = 'Nora Neu'") == {"phone": "+43 1 234567", "country": "AT"}


OTHER = """
[files.one]
path = "one.csv"
[[tables]]
table = "{table}"
file = "one"
key = ["id"]
[tables.fields]
{fields}
"""


OTHERS = (
    ("tag", 'name = { value = "Eilig" }\ncolor = { value = "pink" }', "color", "gray, blue, green"),
    ("tag", 'name = "id"', "name", "already stands in line 2"),
    ("staff_member", 'name = "id"\nemail = { value = "maria@mueller.example" }', "email", "is the address of a contact"),
    ("staff_member", 'name = "id"', "email", "needs an email address"),
    ("custom_field", 'scope = { value = "account" }\nkey = "id"\nlabel = "id"\ntype = { value = "choice" }', "options", "semicolons"),
    ("saved_view", 'staff_member_id = { by = "email", value = "owner@kanzlei.example" }\nname = "id"\ndefinition = "id"', "definition", "JSON"),
    ("time_entry", 'account_id = { by = "number", value = "10001" }\nstaff_member_id = { by = "email", value = "owner@kanzlei.example" }\n'
     'worked_on = { value = "2026-01-31" }\nminutes = { value = 1441 }', "minutes", "1 to 1440"),
    ("firm", 'name = "id"', "", "one firm, and"),
    ("firm", 'name = "id"\ntime_zone = { value = "Mars/Nord" }', "time_zone", "Europe/Berlin"),
    ("firm", 'name = "id"\ncurrency = { value = "Taler" }', "currency", "EUR"),
    ("photo", 'account_id = { by = "number", value = "10001" }\nfile = { value = "bomb.png" }', "file", "Up to 25 million"),
)  # fmt: skip


def test_other_tables_too(firm, settings, tmp_path):
    (tmp_path / "one.csv").write_text("id\nEil\neil\n")
    (tmp_path / "bomb.png").write_bytes(_bomb())
    for table, fields, place, expected in OTHERS:
        (tmp_path / "m.toml").write_text(OTHER.format(table=table, fields=fields), "utf-8")
        good, said = run(settings, tmp_path)
        assert not good, table
        assert [line for line in said if line.startswith("one.csv, line ") and f", {place}" in line and expected in line], said


def test_the_firm_that_is_there_is_met_by_its_name_and_stays_the_only_one(firm, settings, tmp_path):
    """What it asks of sign-ins is not to be imported; who starts one beside it is told which it has."""
    with reader(SYSTEM) as r:
        name = r.value("SELECT name FROM firm")
    (tmp_path / "one.csv").write_text(f"id\n{name}\n", "utf-8")
    met = OTHER.format(table="firm", fields='name = "id"\ncurrency = { value = "CHF" }').replace(
        "[tables.fields]", 'match = ["name"]\nconflict = "theirs"\n[tables.fields]'
    )
    for text, good in ((met, True), (met.replace("currency", "second_factor_roles"), False), (met.replace('match = ["name"]', ""), True)):
        (tmp_path / "m.toml").write_text(text, "utf-8")
        assert run(settings, tmp_path)[0] is good, text
        with reader(SYSTEM) as r:
            assert r.rows("SELECT name, currency, second_factor_roles FROM firm") == [
                {"name": name, "currency": "CHF", "second_factor_roles": ""}
            ]


def test_files_with_two_firms_bring_none(store, settings, tmp_path):
    (tmp_path / "one.csv").write_text("id\nEine\nNoch eine\n")
    (tmp_path / "m.toml").write_text(OTHER.format(table="firm", fields='name = "id"'), "utf-8")
    good, said = run(settings, tmp_path)
    assert not good and [line for line in said if line.startswith("one.csv, line 3") and "stands in line 2" in line], said


def _bomb() -> bytes:
    """A PNG that says it has 13,000 times 13,000 pixels."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 13_000, 13_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def test_a_photo_that_is_brought_takes_the_place_of_the_one_before(firm, settings, tmp_path):
    settings.photos.mkdir(parents=True, exist_ok=True)
    (settings.photos / "old.webp").write_bytes(b"x")
    with writer(SYSTEM) as tx:
        old = tx.insert("photo", account_id=firm.own, file="old.webp", sha256="x", created_at=tx.moment)
        tx.update("account", firm.own, photo_id=old)
    Image.new("RGB", (90, 90), "red").save(tmp_path / "new.png")
    (tmp_path / "p.csv").write_text("id,file\n1,new.png\n", "utf-8")
    fields = 'account_id = { by = "number", value = "10001" }\nfile = "file"'
    (tmp_path / "m.toml").write_text(
        f'[files.p]\npath = "p.csv"\n[[tables]]\ntable = "photo"\nfile = "p"\nkey = ["id"]\n[tables.fields]\n{fields}\n', "utf-8"
    )
    good, said = run(settings, tmp_path)
    assert good, said
    with reader(SYSTEM) as r:
        photos = r.rows("SELECT p.photo_id, p.file, a.photo_id AS shown FROM photo p JOIN account a USING (account_id)")
        assert r.value("SELECT count(*) FROM audit_entry WHERE entity = 'photo' AND action = 'deleted' AND entity_id = $id", id=old)
    assert len(photos) == 1 and photos[0]["photo_id"] == photos[0]["shown"] != old
    assert [path.name for path in settings.photos.iterdir()] == [photos[0]["file"]]
