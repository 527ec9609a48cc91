"""Imports held against a plain model that writes down every word of the file: random files, random work of people, all three rules."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.base.rights import Viewer
from core.i18n import speaking
from core.imports.run import import_data
from core.store import reader, writer
from tests.size import some

SYSTEM, STAFF = Viewer.system("tests"), Viewer.system("somebody of the team")
MAPPING = """
name = "model"
[files.clients]
path = "clients.csv"
[files.links]
path = "links.csv"
[[tables]]
table = "staff_member"
file = "clients"
key = ["Member"]
distinct = true
fields = {{ name = "Member", is_active = {{ value = false }} }}
[[tables]]
table = "account"
file = "clients"
key = ["Nr"]
{rule}
fields = {{ number = "Nr", name = "Name" }}
[[tables]]
table = "contact"
file = "clients"
key = ["Nr"]
{rule}
fields = {{ name = "Nr", city = "City" }}
[[tables]]
table = "account_contact"
file = "clients"
{rule}
fields = {{ account_id = "Nr", contact_id = "Nr", relation = "Relation" }}
[[tables]]
table = "contact_email"
file = "clients"
key = ["Nr"]
{rule}
fields = {{ contact_id = "Nr", email = "concat('c', Nr, '@firma.de')", label = "Label" }}
[[tables]]
table = "email_access"
file = "links"
{rule}
fields = {{ account_id = "Nr", contact_id = "Nr", contact_email_id = "Nr", login = "Login", notify = "Notify" }}
[[tables]]
table = "assignment"
file = "clients"
when = "Assigned"
fields = {{ account_id = "Nr", staff_member_id = "Member" }}
"""
UNKNOWN = object()
# Per table its fields, those among them that let somebody in, and the column of the file each comes from.
FIELDS = {
    "account": {"name": "Name"},
    "contact": {"city": "City"},
    "account_contact": {"relation": "Relation"},
    "contact_email": {"label": "Label"},
    "email_access": {"login": "Login", "notify": "Notify"},
    "assignment": {},
}
GRANTS = {("email_access", "login"), ("email_access", "notify")}
WORDS = ("Alpha", "Beta", "Gamma", "")


def rule_of(rule: str, table: str, name: str) -> str:
    return "ask" if rule == "theirs" and (table, name) in GRANTS else rule


@dataclass
class Model:
    """Every word said by the files, per row (table, number of the client)."""

    rule: str
    words: dict[tuple[str, str], dict[str, object]] = field(default_factory=dict)

    def after(self, here: dict, files: dict[str, dict[str, dict[str, str]]]) -> dict:
        """What stands here after an import of the files, and the words that are remembered."""
        expected = {key: dict(values) for key, values in here.items()}
        gone: set[str] = set()
        for table, fields in FIELDS.items():
            rows = files["links"] if table == "email_access" else files["clients"]
            for nr, row in rows.items():
                if table == "assignment" and not row["Assigned"]:
                    continue
                key = (table, nr)
                if key not in here and (
                    key in self.words or nr in gone or (table == "email_access" and ("account_contact", nr) not in expected)
                ):
                    if table in ("account", "contact", "contact_email"):
                        gone.add(nr)
                    if table == "account_contact":
                        gone.add(nr)
                    continue
                said = {name: _typed(table, name, row[column]) for name, column in fields.items()}
                before, first = self.words.get(key, {}), key not in self.words
                kept = self.words[key] = {}
                values = expected.setdefault(key, {})
                for name, now_said in said.items():
                    stands, last = values.get(name), UNKNOWN if first else before.get(name, UNKNOWN)
                    values[name], kept[name] = self._field(table, name, key in here, now_said, stands, last)
        return expected

    def _field(self, table: str, name: str, is_there: bool, said: object, stands: object, last: object) -> tuple[object, object]:
        if not is_there or said == stands:
            return said, said
        rule = rule_of(self.rule, table, name)
        if last is UNKNOWN:
            if stands is None:
                return said, said
            if said is None:
                return stands, said
            return {"ask": (stands, UNKNOWN), "ours": (stands, said), "theirs": (said, said)}[rule]
        if said == last:
            return stands, said
        if stands == last:
            return said, said
        return {"ask": (stands, last), "ours": (stands, said), "theirs": (said, said)}[rule]


def _typed(table: str, name: str, text: str) -> object:
    if table == "email_access":
        return text == "ja"
    return text or None


def look() -> dict[tuple[str, str], dict[str, object]]:
    """Every row of these tables by the number of its client."""
    number = "SELECT number FROM account a WHERE a.account_id = t.account_id"
    found = {}
    with reader(SYSTEM) as r:
        for table, fields in FIELDS.items():
            nr = {"account": "number", "contact": "name", "contact_email": "substr(email, 2, length(email) - 10)"}.get(table, f"({number})")
            for row in r.rows(f"SELECT {', '.join(['nr', *fields])} FROM (SELECT {nr} AS nr, * FROM {table} t)"):
                found[table, row["nr"]] = {name: row[name] for name in fields}
    return found


class Firm:
    """The files of one firm and the work of its people, both at random."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.dice, self.folder = random.Random(seed), folder
        self.rows = {str(number): self._row(str(number)) for number in range(1, 6)}
        self.links = {nr: self._link(nr) for nr in self.rows}
        self.out: set[str] = set()

    def _row(self, nr: str) -> dict[str, str]:
        pick = self.dice.choice
        return {"Nr": nr, "Name": pick(WORDS[:3]), "City": pick(WORDS), "Relation": pick(WORDS), "Label": pick(WORDS), "Member": "Eva",
                "Assigned": pick(("x", "x", ""))}  # fmt: skip

    def _link(self, nr: str) -> dict[str, str]:
        return {"Nr": nr, "Login": self.dice.choice(("ja", "nein")), "Notify": self.dice.choice(("ja", "nein"))}

    def file_moves(self) -> None:
        for _ in range(self.dice.randrange(5)):
            nr = self.dice.choice(list(self.rows))
            if self.dice.random() < 0.6:
                column = self.dice.choice(("Name", "City", "Relation", "Label", "Assigned"))
                self.rows[nr][column] = self.dice.choice({"Name": WORDS[:3], "Assigned": ("x", "")}.get(column, WORDS))
            else:
                self.links[nr] = self._link(nr)
        if self.dice.random() < 0.3:
            self.out ^= {self.dice.choice(list(self.rows))}
        if self.dice.random() < 0.3:
            nr = str(len(self.rows) + 1)
            self.rows[nr], self.links[nr] = self._row(nr), self._link(nr)

    def write(self) -> dict[str, dict[str, dict[str, str]]]:
        files = {
            "clients": {nr: row for nr, row in self.rows.items() if nr not in self.out},
            "links": {nr: row for nr, row in self.links.items() if nr not in self.out},
        }
        for name, rows in files.items():
            with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
                made = csv.DictWriter(
                    out,
                    ["Nr", "Name", "City", "Relation", "Label", "Member", "Assigned"] if name == "clients" else ["Nr", "Login", "Notify"],
                )
                made.writeheader()
                made.writerows(rows.values())
        return files

    def people_work(self) -> None:
        for _ in range(self.dice.randrange(6)):
            with writer(STAFF) as tx:
                self._act(tx)

    def _act(self, tx) -> None:
        account = self.dice.choice(tx.rows("SELECT * FROM account ORDER BY account_id"))
        a = account["account_id"]
        links = tx.rows("SELECT * FROM account_contact WHERE account_id = $a", a=a)
        if not links:
            return
        c = links[0]["contact_id"]
        mails = tx.rows("SELECT * FROM contact_email WHERE contact_id = $c", c=c)
        grants = tx.rows("SELECT * FROM email_access WHERE account_id = $a", a=a)
        word = self.dice.choice(WORDS) or None
        act = self.dice.choice(("name", "city", "relation", "label", "switch", "switch", "access_off", "access_on", "assign", "address"))
        if act == "name":
            tx.update("account", a, name=word or "Delta")
        elif act == "city":
            tx.update("contact", c, city=word)
        elif act == "relation":
            tx.update("account_contact", {"account_id": a, "contact_id": c}, relation=word)
        elif act == "label" and mails:
            tx.update("contact_email", mails[0]["contact_email_id"], label=word)
        elif act == "switch" and grants:
            key = {k: grants[0][k] for k in ("account_id", "contact_id", "contact_email_id")}
            tx.update("email_access", key, **{self.dice.choice(("login", "notify")): self.dice.random() < 0.5})
        elif act == "access_off" and grants:
            tx.delete("email_access", {k: grants[0][k] for k in ("account_id", "contact_id", "contact_email_id")})
        elif act == "access_on" and not grants and mails:
            tx.insert("email_access", account_id=a, contact_id=c, contact_email_id=mails[0]["contact_email_id"], login=self.dice.random() < 0.5,
                      notify=False)  # fmt: skip
        elif act == "assign":
            member = tx.value("SELECT staff_member_id FROM staff_member")
            if not tx.delete_all("assignment", account_id=a, staff_member_id=member):
                tx.insert("assignment", account_id=a, staff_member_id=member, created_at=tx.moment)
        elif act == "address" and mails and not grants and self.dice.random() < 0.3:
            tx.delete("contact_email", mails[0]["contact_email_id"])


@pytest.mark.parametrize("rule", some(["ask", "ours", "theirs"], 3))
def test_an_import_does_what_the_plain_model_says(store, settings, tmp_path, rule):
    firm, model = Firm(20261130, tmp_path), Model(rule)
    (tmp_path / "model.toml").write_text(MAPPING.format(rule=f'conflict = "{rule}"'), "utf-8")
    for turn in range(14):
        files = firm.write()
        expected = model.after(look(), files)
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "model.toml", said.append), said
        assert look() == expected, f"import {turn}, {said}"
        firm.people_work()
        if turn % 3:
            firm.file_moves()
