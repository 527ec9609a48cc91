"""What a row says and is not kept so is told: file, line, field, what it said and what became of it."""

from __future__ import annotations

import pytest

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
        'm.csv, line 2, issued_on ← day: "2026-11-02T17:30": a day is kept without its hour, as 2026-11-02.',
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
