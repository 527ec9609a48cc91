"""Everything out and back: the same values, sums and files in an empty installation; whole or not there; what stays here is said."""

from __future__ import annotations

import hashlib
import json
import stat
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from core.audit import examination
from core.base.config import read_settings
from core.base.rights import Viewer
from core.documents.photos import square
from core.i18n import speaking
from core.imports.attachments import describe
from core.imports.mapping import NO_TARGET
from core.imports.run import import_data
from core.operations import doctor
from core.operations.control_socket import perform
from core.operations.installation import open_installation
from core.operations.sweep_interrupted import sweep_leftovers
from core.operations.whole_export import back_mapping, make
from core.store import close_store, now, reader, writer
from core.store.tables import TABLES
from tests.compared import differences
from tests.test_import_all import every_table

SYSTEM = Viewer.system("tests")
# What no spreadsheet, no other program and no cell of a form may do anything with.
HOSTILE = (
    "Tab\there\nline\r\nanother\rend", 'say "yes", or \'no\'; = , \\N', '=HYPERLINK("http://x.example","y")', "@SUM(1+1)*cmd|' /C calc'!A0",
    "  kept  blanks  ", "NULL", "\\N", '""', "\x00\x1b[31m\x7f\u202e\ufeff\u200b", "e\u0301 \u00e9 \U0001f9fe", "x" * 1_000_000 + "\n", "-1", "",
)  # fmt: skip


def build_everything(settings) -> dict[str, int]:
    """A row of every table that can be brought in, and in it what people and earlier versions leave: no form would save all of this."""
    folder = settings.data.parent / "source"
    folder.mkdir()
    assert import_data(settings, every_table(folder), lambda _: None)
    moment = now()
    with writer(SYSTEM) as tx:
        of = {table: tx.value(f"SELECT max({TABLES[table].key[0]}) FROM {table}") for table in TABLES if TABLES[table].has_id}
        account, contact = of["account"], of["contact"]
        for place, text in enumerate(HOSTILE):
            tx.insert("note", account_id=account, text=text, staff_member_id=of["staff_member"], saved_at=moment)
            tx.insert("credit", account_id=account, booked_on=moment.date(), amount=Decimal(place), text=text, created_at=moment)
            tx.insert(
                "email", account_id=account, subject=text[:80], from_address="nobody", to_address=text[:40], sent_at=moment,
                direction="received", body=None if place % 2 else text,
            )  # fmt: skip
        # Sync is off, the telephone and the postcode are of earlier times, the address went to somebody else.
        tx.update("email_access", {"account_id": account, "contact_id": contact, "contact_email_id": of["contact_email"]}, email_sync=False)
        tx.update("contact", contact, phone="030 / 12-34 privat", postcode="D 1", city="")
        left = tx.insert("contact_email", contact_id=None, email="left@firma.de", created_at=moment)
        tx.insert("email_access", account_id=account, contact_id=contact, contact_email_id=left, login=True, suspended_at=moment)
        former = tx.insert(
            "staff_member", name="Frieda Früher", email="frieda@firma.de", is_active=False, password_hash="x", created_at=moment
        )
        member_field = tx.insert("custom_field", scope="account", key="wer", label="Wer", type="staff_member", position=7)
        retired = tx.insert("custom_field", scope="account", key="alt", label="Alt", type="iban", position=8, retired_at=moment)
        tx.insert("custom_field", scope="account", key="muss", label="Muss", type="text", position=9, is_required=True)
        for field, value in ((member_field, str(former)), (retired, "no IBAN")):
            tx.insert("account_field_value", account_id=account, custom_field_id=field, value=value)
        view = {
            "tags": [f"is:{of['tag']}"], "team": [f"is:{former}", "is:4"], f"field-{member_field}": [f"is:{former}"], "cohort": ["77"],
            "sort": [f"-field-{retired}"], "columns": [f"number,field-{member_field},field-9"], "kind": ["is:company"],
        }  # fmt: skip
        tx.insert("saved_view", staff_member_id=former, name="Meine", definition=json.dumps(view), created_at=moment)
        tx.insert("cohort", staff_member_id=former, name="Die von heute", kind="fixed", created_at=moment)
        alone = tx.insert("account", number="alone", name="Ohne Kontakt", created_at=moment)
    return {**of, "former": former, "member_field": member_field, "retired": retired, "alone": alone}


def said_by(settings, command: str, **arguments) -> tuple[int, list[str]]:
    said: list[str] = []
    with speaking("en"):
        return perform(settings, command, arguments, said.append), said


def only(settings, query: str):
    with reader(SYSTEM) as r:
        return r.value(query)


def contents(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("csv", [False, True], ids=["parquet", "csv"])
def test_everything_comes_back(holding, settings, tmp_path, csv):
    ids = holding(build_everything)
    found = {code for code, _ in doctor.examine(settings)}
    code, said = said_by(settings, "export", folder=str(tmp_path / "out"), csv=csv)
    assert code == 0, said
    assert {"note: 14 rows", "account: 2 rows"} <= set(said) and [line for line in said if "and 2 files" in line]
    assert [line for line in said if "passwords" in line] and [line for line in said if "export.toml" in line]
    out = [path for path in (tmp_path / "out").rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in out} == {0o700, 0o600}
    assert not [path for path in out if path.is_file() and path.suffix != ".toml" and b"password" in path.read_bytes()]
    with reader(SYSTEM) as r:
        told = r.rows("SELECT action, through, new_value FROM audit_entry WHERE entity = 'store' ORDER BY audit_entry_id DESC LIMIT 1")
    assert [tuple(row.values()) for row in told] == [("taken_out", "command", str(tmp_path / "out"))]
    close_store()
    new = read_settings({"KUNDENBLICK_DATA": str(tmp_path / "new")})
    open_installation(new)
    mapping = tmp_path / "out" / "export.toml"
    code, said = said_by(new, "import_mapping", mapping=str(mapping))
    assert code == 0, said
    assert {code for code, _ in doctor.examine(new)} == found
    assert examination.verify(SYSTEM, new, None, lambda *_: None).finding is None
    with reader(SYSTEM) as r:
        here = {
            (row["table_name"], row["source_key"]): row["object_id"]
            for row in r.rows("SELECT table_name, source_key, object_id FROM kundenblick.data.import_key")
        }
        [view] = r.rows("SELECT definition FROM kundenblick.data.saved_view WHERE name = 'Meine'")
    former, member, retired, tag = (
        here[table, str(ids[name])]
        for table, name in (("staff_member", "former"), ("custom_field", "member_field"), ("custom_field", "retired"), ("tag", "tag"))
    )
    assert json.loads(view["definition"]) == {
        "tags": [f"is:{tag}"], "team": [f"is:{former}"], f"field-{member}": [f"is:{former}"], "sort": [f"-field-{retired}"],
        "columns": [f"number,field-{member}"], "kind": ["is:company"],
    }  # fmt: skip
    if csv:  # each import of every table is dear
        assert said_by(new, "import_mapping", mapping=str(mapping))[1][-1] == "Everything is there already; nothing was written."
    close_store()
    assert differences(settings.database, new.database) == {}
    assert contents(settings.documents) == contents(new.documents) and contents(settings.photos) == contents(new.photos)


def test_every_table_leaves_or_stays_for_a_reason():
    stays = [table for tables in back_mapping.STAYS.values() for table in tables]
    decided = [*back_mapping.targets(), *(table for table in back_mapping.MORE if table != "firm"), *stays]
    assert sorted(decided) == sorted(TABLES)
    assert {*back_mapping.MORE, *stays} - {"firm"} == NO_TARGET
    for table in TABLES.values():
        if table.name not in stays:
            all_of = [*table.key, *table.secret, "name"]
            assert not table.secret & {*back_mapping.columns_out(table.name, all_of), *back_mapping.more_columns(table.name, all_of)}


def test_it_is_whole_or_not_there(firm, settings, tmp_path, monkeypatch):
    target = tmp_path / "out" / "all"
    (settings.documents / "x").mkdir(parents=True)
    target.parent.mkdir()
    (target.parent / "there").mkdir()
    (target.parent / "there" / "a.txt").touch()
    for folder, word in (
        (target.parent / "there", "not empty"), (settings.documents / "x", "among the stored files"), (tmp_path / "none" / "all", "does not exist"),
    ):  # fmt: skip
        code, [said] = said_by(settings, "export", folder=str(folder))
        assert code == 1 and word in said
    copied = make.copy_all

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make, "copy_all", full)
    code, said = said_by(settings, "export", folder=str(target))
    assert code == 1 and "There is no room" in said[-1]
    monkeypatch.setattr(make, "copy_all", copied)
    # What a killed process leaves: its folder beside, and where that is.
    killed = make._beside(settings, target)
    (killed.__enter__() / "note.parquet").write_bytes(b"confidential")
    assert len(list(target.parent.iterdir())) == 2
    sweep_leftovers(settings, lambda _: None)
    assert [path.name for path in target.parent.iterdir()] == ["there"] and not list(settings.data.glob("whole-export-*"))
    assert only(settings, "SELECT count(*) FROM audit_entry WHERE action = 'taken_out'") == 0
    # An empty folder is as good as none; a file that is missing is told, and its document leaves without it.
    target.mkdir()
    code, said = said_by(settings, "export", folder=str(target))
    assert code == 0 and [line for line in said if line.startswith("2 files that records name were not there")]
    assert "documents" in {path.name for path in target.iterdir()}


def test_only_our_own_photo_stays_as_it_is(tmp_path):
    Image.effect_noise((90, 60), 90).save(tmp_path / "p.png")
    own = square((tmp_path / "p.png").read_bytes())
    (tmp_path / "own.webp").write_bytes(own)
    (tmp_path / "more.webp").write_bytes(own + b"<script>")

    def kept(name: str, sha256: str) -> bytes:
        return Path(describe("photo", tmp_path, name, tmp_path, sha256).path).read_bytes()

    given = hashlib.sha256(own).hexdigest()
    assert kept("own.webp", given) == own
    assert kept("own.webp", "0" * 64) != own
    assert b"<script>" not in kept("more.webp", hashlib.sha256(own + b"<script>").hexdigest())
