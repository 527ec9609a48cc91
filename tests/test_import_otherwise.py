"""What a row says and is not kept so is told: file, line, field, what it said and what became of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.imports.expressions import Compiler
from core.imports.mapping import Source
from tests.test_import_words import Bringing, rows

MORE = """
[files.m]
path = "m.csv"
[[tables]]
table = "{table}"
file = "m"
{key}
[tables.fields]
{fields}
"""
CASES = {
    "status": (
        "invoice", 'key = ["no"]', 'account_id = "no"\nnumber = "no"\nissued_on = "day"\ndue_on = "day"\ntotal = { value = "119" }\nstatus = "said"',
        "no,day,said\n1,2026-11-02,paid\n",
        'm.csv, line 2, status: The file says "paid"; 0.00 of 119.00 is paid, so it is kept as "unpaid".',
    ),
    "hour": (
        "invoice", 'key = ["no"]', 'account_id = "no"\nnumber = "no"\nissued_on = "day"\ndue_on = { value = "2026-12-01" }\ntotal = { value = "1" }',
        "no,day\n1,2026-11-02T17:30\n",
        'm.csv, line 2, issued_on ← day: "2026-11-02T17:30": a day is kept without its hour, as 02/11/2026.',
    ),
    "spring": (
        "note", 'key = ["no"]', 'account_id = "no"\nstaff_member_id = { value = "7" }\ntext = { value = "x" }\nsaved_at = "said"',
        "no,said\n1,2026-03-29 02:30\n",
        'm.csv, line 2, saved_at ← said: "2026-03-29 02:30": the clocks jumped over this hour in spring; kept as 2026-03-29 03:30.',
    ),
    "options": (
        "custom_field", 'key = ["no"]', 'scope = { value = "account" }\nkey = { value = "ort" }\nlabel = { value = "Ort" }\ntype = "type"\noptions = "said"',
        "no,type,said\n1,text,Nord;Süd\n",
        'm.csv, line 2, options ← said: "Nord;Süd" is not used: a field of type text has no choices.',
    ),
    "repeated": (
        "tag", 'key = ["no"]\ndistinct = true', 'name = "name"\ncolor = "said"',
        "no,name,said\n1,Lohn,blue\n1,Lohn,red\n",
        'm.csv, line 3, color: "red" is not used: the same row stands in line 2 with "blue", and the first counts.',
    ),
    "mail": (
        "email", 'key = ["no"]', 'account_id = "no"\nsubject = { value = "x" }\nfrom_address = "said"\nto_address = { value = "a@kanzlei.de" }\n'
        'sent_at = { value = "2026-11-02" }\ndirection = { value = "received" }',
        "no,said\n1,SMTP:CHEF@alpha.de\n",
        "m.csv, line 2: Mail from SMTP:CHEF@alpha.de to a@kanzlei.de not taken in: email sync is off for its address with this client.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_value_that_is_not_kept_as_said_is_told(store, settings, tmp_path, case):
    table, key, fields, text, sentence = CASES[case]
    bring = Bringing(settings, tmp_path)
    bring()
    bring.mapping += MORE.format(table=table, key=key, fields=fields)
    (tmp_path / "m.csv").write_text(text, "utf-8")
    before = len(rows(table))
    said = bring()
    assert sentence in said
    assert len(rows(table)) == before + (case != "mail"), "the row itself is taken over"


def test_a_name_in_quotes_that_looks_like_an_address_is_none(store, settings, tmp_path):
    """Else a stranger would be taken in under a client's address."""
    bring = Bringing(settings, tmp_path)
    bring.mapping = bring.mapping.replace("login = { value = true }", "login = { value = true }, email_sync = { value = true }")
    bring()
    bring.mapping += MORE.format(table="email", key=CASES["mail"][1], fields=CASES["mail"][2])
    (tmp_path / "m.csv").write_text('no,said\n1,"""chef@alpha.de"" <fremd@andere.de>"\n', "utf-8")
    bring()
    assert rows("email") == []


EMPTY = {
    "account.kind": ('kind = "said"', "account", "kind", "person"),
    "staff_member.role": ('role = "said"', "staff_member", "role", "employee"),
    "email_access.login": ('login = "said"', "email_access", "login", False),
    "tag.color": ('color = "said"', "tag", "color", None),
}


@pytest.mark.parametrize("place", EMPTY)
def test_an_empty_cell_is_the_fields_default(store, settings, tmp_path, place):
    """A column that may not be empty has one; the file says nothing of it."""
    given, table, column, kept = EMPTY[place]
    bring = Bringing(settings, tmp_path)
    head, block = bring.mapping.split(f'table = "{table}"\n', 1)
    fields, rest = block.split("\n[[tables]]", 1)
    fields = re.sub(rf", {column} = \{{[^}}]*\}}", "", fields)
    bring.mapping = f'{head}table = "{table}"\n' + re.sub(r" \}$", f", {given} }}", fields) + "\n[[tables]]" + rest
    # Nothing stands in the ninth part of a name.
    bring.mapping = bring.mapping.replace('"said"', "\"part(Name, ';', 9)\"" if table == "staff_member" else '"Signed"')
    said = bring()
    assert "Taken over." in said
    assert rows(table)[0][column] == kept or kept is None


def test_a_login_that_goes_over_to_another_address_is_told_by_name(store, settings, tmp_path):
    bring = Bringing(settings, tmp_path)
    bring()
    bring.clients["1"] = ("Alpha GmbH", "fremd@boese.de", "")
    bring.team["7"] = ("Eva Ex", "andere@kanzlei.de")
    said = bring()
    assert said[said.index("1 login goes over to another address:") + 1] == "  chef@alpha.de → fremd@boese.de · Alpha GmbH"
    assert said[said.index("1 person of the team signs in with another address:") + 1].startswith(
        "  eva@kanzlei.de → andere@kanzlei.de · Eva Ex"
    )


def test_a_postcode_that_lost_its_zero_is_told(store, settings, tmp_path):
    bring = Bringing(settings, tmp_path)
    bring.mapping = bring.mapping.replace('fields = { name = "Firma" }', 'fields = { name = "Firma", postcode = { value = 1067 } }', 1)
    assert any(line.startswith('c.csv, line 2, postcode: "1067" has four digits; a German postcode has five') for line in bring())


def test_nobody_is_let_in_by_a_row_that_hangs_on_a_refused_one(store, settings, tmp_path):
    bring = Bringing(settings, tmp_path)
    bring.clients["2"] = ("", "b@beta.de", "")
    assert not any("switched on" in line for line in bring(dry_run=True, good=False))


def test_an_hour_in_an_expression_stays_out_of_the_way(store, settings, tmp_path):
    """Whoever writes date(…) asks for the day: it can be compared and counted on, and nothing is told of the hour."""
    bring = Bringing(settings, tmp_path)
    bring()
    fields = 'account_id = "no"\nnumber = "no"\nissued_on = "date(day)"\ndue_on = "days(date(day), 14)"\ntotal = { value = "1" }'
    bring.mapping += MORE.format(table="invoice", key='key = ["no"]\nwhen = "date(day) == date(\'2026-11-02\')"', fields=fields)
    (tmp_path / "m.csv").write_text("no,day\n1,2026-11-02T17:30\n", "utf-8")
    assert not any("without its hour" in line for line in bring())
    assert [(str(row["issued_on"]), str(row["due_on"])) for row in rows("invoice")] == [("2026-11-02", "2026-11-16")]


def test_an_expression_over_an_empty_value_is_empty():
    compiled = Compiler(["a", "b"], Source("m", Path("m.csv"))).compile
    for text in ("abs(a)", "days('2026-01-01', a)", "round(a)", "lower(b)", "trim(b)", "replace(b, a, 'x')"):
        assert compiled(text)(["  ", None]) is None, text
    assert compiled("replace(a, b, 'x')")(["text", None]) == "text"
