"""Fields a firm defines: changed, taken away, refused, used again."""

from __future__ import annotations

import pytest

from core.accounts import Wish, list_accounts
from core.custom_fields import change_field, define_field, field_effect, retire_field
from core.errors import EditConflict
from core.record import (
    edit_account,
    read_record,
)  # fmt: skip
from core.store import reader
from tests.recorded import SYSTEM, problems


class TestDefinitions:
    def test_a_changed_type_tells_what_it_would_do_and_then_does_it(self, firm, account, fields):
        owner = firm.viewer("owner")
        for which, value in (("own", "12"), ("foreign", "zwölf"), ("empty", "1,50")):
            edit_account(firm.account(which), None, {f"field:{fields['finanzamt']}": value})
        effect = field_effect(owner, fields["finanzamt"], "number", ())
        assert (effect.kept, effect.rewritten, effect.lost, effect.lost_examples) == (1, 0, 2, ("zwölf", "1,50"))
        with pytest.raises(EditConflict):
            change_field(owner, fields["finanzamt"], 1, label="Finanzamt", type="number")
        change_field(owner, fields["finanzamt"], 1, label="Finanzamt", type="number", expected_lost=2)
        with reader(SYSTEM) as r:
            assert [row["value"] for row in r.rows("SELECT value FROM account_field_value")] == ["12"]

    def test_a_choice_taken_away(self, firm, account, fields):
        edit_account(account, None, {f"field:{fields['rechtsform']}": "GbR"})
        assert field_effect(firm.viewer("owner"), fields["rechtsform"], "choice", ("GmbH",)).lost_examples == ("GbR",)
        assert field_effect(firm.viewer("owner"), fields["rechtsform"], "text", ()).kept == 1

    def test_a_retired_field_keeps_its_values(self, firm, account, fields):
        edit_account(account, None, {f"field:{fields['finanzamt']}": "Bremen"})
        retire_field(firm.viewer("owner"), fields["finanzamt"])
        assert f"field:{fields['finanzamt']}" not in read_record(account).values
        with reader(SYSTEM) as r:
            assert r.value("SELECT value FROM account_field_value") == "Bremen"

    @pytest.mark.parametrize(
        ("wrong", "expected"),
        [
            ({"label": ""}, {"label": "field_label"}),
            ({"label": "finanzamt"}, {"label": "field_label_in_use"}),
            ({"type": "choice"}, {"options": "field_options"}),
            ({"type": "zahl"}, {"type": "choice_unknown"}),
        ],
    )
    def test_a_wrong_definition_is_refused(self, firm, fields, wrong, expected):
        named = {"scope": "account", "label": "Neu", "type": "text"} | wrong
        assert problems(define_field, firm.viewer("owner"), **named) == expected

    def test_the_list_still_answers(self, firm, fields):
        assert list_accounts(firm.viewer("owner"), Wish()).total == 3
