"""What a list that is a state leaves alone: rows that may be one that could not be read, and what people wrote."""

from __future__ import annotations

import pytest

from core.base.rights import Viewer
from core.imports.job_runner import read_next, work_off
from core.imports.jobs import begin, confirm, job
from core.store import reader, writer
from tests.test_import_jobs import OPOS, SYSTEM, upload, value

BEGIN = 'name = "liste"\n[files.c]\npath = "m.csv"\ndelimiter = ";"\n'
STATE = 'file = "c"\ngone = "delete"\ngone_at_most = 100\n'
NOTES = f"""{BEGIN}
[[tables]]
table = "note"
key = ["Id"]
{STATE}
[tables.fields]
account_id = {{ from = "Nr", by = "number" }}
text = "Text"
saved_at = {{ value = "2026-01-01T10:00:00" }}
staff_member_id = {{ value = "owner@kanzlei.example", by = "email" }}
"""
VALUES = f"""{BEGIN}
[[tables]]
table = "custom_field"
file = "c"
key = ["'ff'"]
distinct = true
match = ["scope", "key"]
fields = {{ scope = {{ value = "account" }}, key = {{ value = "ff" }}, label = {{ value = "FF" }}, type = {{ value = "text" }} }}
[[tables]]
table = "account_field_value"
{STATE}
fields = {{ account_id = {{ from = "Nr", by = "number" }}, custom_field_id = {{ value = "ff" }}, value = "Text" }}
"""
TAGS = f"""{BEGIN}
[[tables]]
table = "tag"
file = "c"
key = ["Text"]
distinct = true
match = ["name"]
fields = {{ name = "Text" }}
[[tables]]
table = "account_tag"
{STATE}
fields = {{ account_id = {{ from = "Nr", by = "number" }}, tag_id = "Text" }}
"""


@pytest.fixture
def bring(firm, settings):
    me = firm.viewer("everything")

    def bring(mapping: str, *rows: str, head: str = "Id;Nr;Text", name: str = "m.csv"):
        number = begin(me, upload(settings, me, *rows, name=name, head=head), mapping)
        read_next(settings)
        seen = job(me, number)
        assert seen.state == "rehearsed", (seen.problem, seen.problems)
        confirm(me, number, seen.digest)
        work_off(settings)
        assert job(me, number).state == "done"
        return seen

    return bring


@pytest.mark.parametrize(
    "broken",
    [
        "10001;Miete; Strom;X2;01.10.2026;100,00",
        "10001;X2;01.10.2026",
        '10001;"Miete;X2;01.10.2026;100,00',
        "10001;Miete;;01.10.2026;100,00",
    ],
)
def test_of_a_row_that_cannot_be_told_none_is_gone(firm, bring, broken):
    """A delimiter too many moves the cells: the key that is read then is another's."""
    text = OPOS.replace('key = ["Konto", "RNr"]', 'key = ["RNr"]\ngone_at_most = 100')
    head = "Konto;Text;RNr;Datum;Betrag"
    rows = [f"10001;Miete;X{n};01.10.2026;100,00" for n in range(4)]
    bring(text, *rows, head=head, name="opos.csv")
    seen = bring(text, *rows[:2], broken, head=head, name="opos.csv")
    assert (seen.kinds.get("gone", 0), seen.kinds["refused"]) == (0, 1), seen
    assert [message for message in seen.messages if "2" in message and "keine davon" in message]
    assert value("SELECT count(*) FROM kundenblick.data.payment WHERE method = 'Liste'") == 0
    # A whole list settles what is gone.
    assert bring(text, *rows[:2], head=head, name="opos.csv").kinds["gone"] == 2


def test_what_people_wrote_no_list_deletes(firm, bring):
    owner = Viewer.staff(firm.owner)
    own, other = "a;10001;Aus der Liste", "b;10002;Zweite"
    bring(NOTES, own, other)
    with writer(owner) as tx:
        tx.update("note", value("SELECT note_id FROM kundenblick.data.note WHERE text = 'Aus der Liste'"), text="Dazu eine Seite von mir.")
    seen = bring(NOTES, "c;10003;Dritte")
    assert "Dazu eine Seite von mir." in (texts := value("SELECT list(text) FROM kundenblick.data.note")) and "Zweite" not in texts
    assert [message for message in seen.messages if ": a: " in message]

    of = f"FROM kundenblick.data.account_field_value WHERE account_id = {firm.own}"
    values = VALUES.replace('"liste"', '"werte"')
    bring(values, own, other)
    with reader(SYSTEM) as r:
        key = r.row(f"SELECT account_id, custom_field_id {of} AND value = 'Aus der Liste'")
    with writer(owner) as tx:
        tx.update("account_field_value", dict(key), value="von Hand")
    bring(values, "c;10003;Dritte")
    assert value(f"SELECT list(value) {of} AND custom_field_id = {key['custom_field_id']}") == ["von Hand"]

    tags = TAGS.replace('"liste"', '"marken"')
    bring(tags, "a;10001;Lohn", "b;10002;Lohn", "c;10003;Lohn")
    tag = {"account_id": firm.own, "tag_id": value("SELECT tag_id FROM kundenblick.data.tag WHERE name = 'Lohn'")}
    for act in (lambda tx: tx.delete("account_tag", tag), lambda tx: tx.insert("account_tag", **tag)):
        with writer(owner) as tx:
            act(tx)
    bring(tags, "c;10003;Lohn")
    assert value(f"SELECT list(account_id ORDER BY account_id) FROM kundenblick.data.account_tag WHERE tag_id = {tag['tag_id']}") == sorted(
        [firm.own, value("SELECT account_id FROM account WHERE number = '10003'")]
    )
