"""Tags: named once, coloured, counted, and taken off every client with a word in its record."""

from __future__ import annotations

import pytest

from core.base.errors import EditConflict, NotAllowed, ValidationFailed
from core.base.rights import Viewer
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.list_conditions import Condition
from core.clients.tags import COLORS, change_tag, define_tag, delete_tag, tag_uses, tags_in_use
from core.store import reader, writer
from core.ui.clients.accounts_table import _cell
from core.ui.parts.tag_chips import _rule, tag_chip
from core.ui.shell.style import CSS

SYSTEM = Viewer.system("tests")


@pytest.fixture
def tag(firm):
    tag_id = define_tag(firm.viewer("owner"), name="VIP", color="blue")
    with writer(SYSTEM) as tx:
        for account_id in (firm.own, firm.foreign):
            tx.insert("account_tag", account_id=account_id, tag_id=tag_id)
        tx.insert("staff_right", staff_member_id=firm.assigned, right_key="manage_tags")
    return tag_id


def problems(call, *args, **named) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as raised:
        call(*args, **named)
    return {field: code for field, (code, _) in raised.value.problems.items()}


def test_a_name_stands_once_and_has_a_form(firm, tag):
    owner = firm.viewer("owner")
    assert problems(define_tag, owner, name=" vip ", color="red") == {"name": "tag_in_use"}
    assert problems(define_tag, owner, name=" ", color="red") == {"name": "tag_name"}
    assert problems(define_tag, owner, name="x" * 61, color="red") == {"name": "too_long"}
    assert problems(define_tag, owner, name="a\x1bb", color="red") == {"name": "characters"}
    assert problems(define_tag, owner, name="Neu", color="url(x)") == {"color": "choice_unknown"}
    change_tag(owner, tag, 1, name="Vip", color="red")
    with pytest.raises(EditConflict):
        change_tag(owner, tag, 1, name="Anders", color="red")
    assert [(row["name"], row["color"], row["uses"]) for row in tags_in_use(owner)] == [("Vip", "red", 2)]


def test_deleting_says_whom_it_concerns_and_leaves_an_entry_per_client(firm, tag):
    member = firm.viewer("assigned")
    assert tag_uses(member, tag) == (1, 1)
    with pytest.raises(NotAllowed):
        tag_uses(firm.viewer("unassigned"), tag)
    versions = firm.account().version, firm.account("foreign").version
    delete_tag(member, tag)
    assert (firm.account().version, firm.account("foreign").version) == tuple(version + 1 for version in versions)
    with reader(SYSTEM) as r:
        assert r.value("SELECT count(*) FROM account_tag") == 0
        told = r.rows("SELECT DISTINCT account_id FROM audit_entry WHERE entity = 'account_tag' AND action = 'deleted'")
    assert {row["account_id"] for row in told} == {firm.own, firm.foreign}


def test_tags_stand_as_a_list_in_kunden_and_joined_in_its_export(firm, tag):
    second = define_tag(firm.viewer("owner"), name="Bau, Ausbau", color="green")
    with writer(SYSTEM) as tx:
        tx.insert("account_tag", account_id=firm.own, tag_id=second)
    page = list_accounts(firm.viewer("owner"), AccountQuery(conditions=(Condition("tags", "is", (str(second),)),)))
    assert [row["tags"] for row in page.rows] == [["Bau, Ausbau", "VIP"]]
    assert _cell(page, "tags", page.rows[0]["tags"], {}) == "Bau, Ausbau, VIP"


def test_every_colour_has_its_look_and_a_name_is_only_text():
    for color in COLORS:
        assert f"--kb-{color}:" in CSS
    name = '</style><script>"]{x'
    assert "<script>" not in tag_chip(name, "blue")
    assert not set('<>]"') & set(_rule(name, "blue").split("aria-label=")[1].split('"')[1])
