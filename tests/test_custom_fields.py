"""Fields a firm defines: changed, taken away, refused, used again."""

from __future__ import annotations

import pytest

from core.base.errors import EditConflict
from core.clients.account_record import edit_account, read_record  # fmt: skip
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.custom_fields import change_field, define_field, field_effect, retire_field
from core.store import reader, writer
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

    @pytest.mark.parametrize(
        ("type_", "language", "stored", "to", "becomes", "reads"),
        [
            ("text", "de", "1.234,50", "money", "1234.50", "kept"),
            ("text", "en", "1,234.50", "number", "1234.5", "rewritten"),
            ("money", "de", "1234.50", "text", "1.234,50", "kept"),
            ("date", "de", "2026-12-31", "text", "31.12.2026", "kept"),
            ("date", "en", "2026-12-31", "text", "31/12/2026", "kept"),
            ("yes_no", "de", "true", "text", "ja", "kept"),
            ("choices", "de", '["GmbH", "AG"]', "text", "GmbH, AG", "kept"),
            ("choice", "de", "GmbH", "choices", '["GmbH"]', "kept"),
            ("choices", "de", '["GmbH", "AG"]', "choices", '["GmbH"]', "rewritten"),
            ("choices", "de", '["AG"]', "choices", None, "lost"),
            ("address", "de", '{"city": "Bremen", "country": "DE", "postcode": "28195", "street": "Am Markt 1"}', "text",
             "Am Markt 1, 28195 Bremen, DE", "kept"),
            ("text", "de", "31.12.2026", "date", "2026-12-31", "kept"),
            ("text", "de", "Am Markt 1", "address", None, "lost"),
        ],
    )  # fmt: skip
    def test_a_value_says_the_same_in_its_new_type(self, firm, type_, language, stored, to, becomes, reads):
        owner, options = firm.viewer("owner"), ("GmbH",) if to.startswith("choice") else ()
        field = define_field(owner, scope="account", label="Neu", type=type_, options=("GmbH", "AG"))
        with writer(SYSTEM) as tx:
            tx.insert("account_field_value", account_id=firm.own, custom_field_id=field, value=stored)
        effect = field_effect(owner, field, to, options, language)
        assert {"kept": effect.kept, "rewritten": effect.rewritten, "lost": effect.lost} == {"kept": 0, "rewritten": 0, "lost": 0} | {
            reads: 1
        }
        assert effect.rewritten_examples == (((stored, becomes),) if reads == "rewritten" else ())
        assert effect.lost_examples == ((stored,) if reads == "lost" else ())
        change_field(owner, field, 1, label="Neu", type=to, options=options, expected_lost=effect.lost, language=language)
        with reader(SYSTEM) as r:
            assert r.value("SELECT value FROM account_field_value") == becomes

    def test_a_team_member_becomes_their_name_and_what_one_does_not_see_is_counted_without_example(self, firm):
        owner = firm.viewer("owner")
        field = define_field(owner, scope="account", label="Betreuung", type="staff_member")
        with writer(SYSTEM) as tx:
            tx.insert("staff_right", staff_member_id=firm.assigned, right_key="manage_custom_fields")
            for account in (firm.own, firm.foreign):
                tx.insert("account_field_value", account_id=account, custom_field_id=field, value=str(firm.owner))
        assert field_effect(owner, field, "text", (), "de").kept == 2
        assert set(field_effect(owner, field, "text", (), "de").changes.values()) == {"Olga Owner"}
        with writer(SYSTEM) as tx:
            tx.update("account_field_value", {"account_id": firm.foreign, "custom_field_id": field}, value=str(firm.assigned))
        effect = field_effect(firm.viewer("assigned"), field, "number", (), "de")
        assert (effect.lost, effect.lost_examples) == (2, (str(firm.owner),))
        change_field(owner, field, 1, label="Betreuung", type="text", language="de")
        assert set(field_effect(owner, field, "staff_member", (), "de").changes.values()) == {str(firm.owner), str(firm.assigned)}

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
        assert list_accounts(firm.viewer("owner"), AccountQuery()).total == 3
