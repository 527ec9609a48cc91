"""Contacts of a client, their addresses, and what each address may."""

from __future__ import annotations

import pytest

from core.access.contact_access import invite_again, open_invitation, set_access
from core.base.errors import AppError, EditConflict, NotAllowed, NotFound
from core.clients.contact_emails import (
    add_email,
    change_email,
    delete_orphan,
    give_orphan,
    make_primary,
    orphans_of,
    remove_email,
    switch_off_orphan,
)
from core.clients.contacts import contacts_of, create_contact, edit_contact, link_contact, related_accounts, unlink_contact
from core.clients.search import search
from core.store import reader, writer
from tests.recorded import SYSTEM, entries, problems, state


class TestContacts:
    def test_a_new_contact_with_addresses_is_found_by_them(self, firm, account):
        contact_id = create_contact(account, {"name": "Erik Ost", "phone": "030 901820"}, ("Erik@Ost.example", "e2@ost.example"))
        found = {c.contact_id: c for c in contacts_of(account)}[contact_id]
        assert [(e["email"], e["is_primary"]) for e in found.emails] == [("erik@ost.example", True), ("e2@ost.example", False)]
        assert found.values["phone"] == "+49 30 901820"
        assert [row.account_id for row in search(firm.viewer("owner"), "erik@ost")] == [firm.own]

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            ({"name": ""}, {"name": "contact_name"}),
            ({"phone": "Büro", "born_on": "gestern"}, {"phone": "phone_form", "born_on": "date_form"}),
            ({"country": "XQ"}, {"country": "country_unknown"}),
            ({"country": "DE", "postcode": "2819"}, {"postcode": "postcode_form"}),
        ],
    )
    def test_wrong_values_stand_at_their_field(self, firm, account, raw, expected):
        assert problems(edit_contact, account, firm.contact, None, raw) == expected

    @pytest.mark.parametrize(
        ("email", "code"),
        [
            ("Maria@MUELLER.example", "email_in_use"),
            ("owner@kanzlei.example", "email_of_staff"),
            ("x@", "email_form"),
            ("a@b.de c@d.de", "email_several"),
        ],
    )
    def test_an_address_that_cannot_be_anybodys(self, firm, account, email, code):
        contact = create_contact(account, {"name": "Neu"})
        assert problems(add_email, account, contact, email) == {"email": code}

    def test_an_address_taken_by_an_unseen_contact_is_in_use_and_no_more(self, firm):
        with writer(SYSTEM) as tx:
            tx.insert("staff_right", staff_member_id=firm.assigned, right_key="manage_accounts")
        hidden = create_contact(firm.account("foreign"), {"name": "Fremd"}, ("fremd@weit.example",))
        seen = firm.account("own", "assigned")
        assert problems(add_email, seen, firm.contact, "fremd@weit.example") == {"email": "email_in_use"}
        with pytest.raises(NotFound):
            link_contact(seen, hidden)

    def test_a_contact_of_unseen_accounts_is_told_as_a_number_and_not_changed(self, firm):
        with writer(SYSTEM) as tx:
            tx.insert("staff_right", staff_member_id=firm.assigned, right_key="manage_accounts")
        link_contact(firm.account("foreign"), firm.contact)
        contact = contacts_of(firm.account("own", "assigned"))[0]
        assert (contact.unseen, contact.others, contact.editable) == (1, (), False)
        with pytest.raises(NotAllowed):
            edit_contact(firm.account("own", "assigned"), firm.contact, None, {"city": "Ulm"})
        edit_contact(firm.account("own", "assigned"), firm.contact, None, {"relation": "Ehepartnerin"})

    def test_related_accounts_share_a_contact(self, firm, account):
        link_contact(firm.account("empty"), firm.contact, "Geschäftsführerin")
        assert [row["account_id"] for row in related_accounts(account)] == [firm.empty]
        with pytest.raises(AppError, match="already_linked"):
            link_contact(account, firm.contact)

    def test_the_last_contact_stays_and_unlinking_takes_the_access(self, firm, account):
        with pytest.raises(AppError, match="last_contact"):
            unlink_contact(account, firm.contact)
        create_contact(account, {"name": "Zweite"})
        unlink_contact(account, firm.contact)
        assert state(firm) == "offline"
        with reader(firm.viewer("portal")) as r:
            assert not r.sees(firm.own)
        with reader(SYSTEM) as r:
            assert r.value("SELECT count(*) FROM contact WHERE contact_id = $c", c=firm.contact) == 1

    def test_a_field_of_type_email_is_one_of_the_contacts_addresses(self, firm, account, fields):
        key = f"field:{fields['e_mail_privat']}"
        edit_contact(account, firm.contact, None, {key: "maria@privat.example"}, partly=True)
        contact = contacts_of(account)[0]
        assert contact.values[key] == "maria@privat.example"
        assert [(e["email"], e["label"]) for e in contact.emails][1] == ("maria@privat.example", "E-Mail privat")
        assert problems(edit_contact, account, firm.contact, None, {key: "owner@kanzlei.example"}, partly=True) == {key: "email_of_staff"}
        edit_contact(account, firm.contact, None, {key: None}, partly=True)
        assert len(contacts_of(account)[0].emails) == 1


class TestAddresses:
    def test_one_is_primary(self, firm, account):
        second = add_email(account, firm.contact, "zwei@mueller.example")
        make_primary(account, second)
        assert [(e["email"], e["is_primary"]) for e in contacts_of(account)[0].emails] == [
            ("zwei@mueller.example", True),
            ("maria@mueller.example", False),
        ]

    def test_without_access_an_address_is_simply_gone(self, firm, account):
        second = add_email(account, firm.contact, "zwei@mueller.example")
        remove_email(account, second)
        assert orphans_of(account) == []
        with reader(SYSTEM) as r:
            assert r.value("SELECT count(*) FROM contact_email WHERE contact_email_id = $i", i=second) == 0

    @pytest.mark.parametrize("way", ["delete", "switch_off", "give"])
    def test_with_access_it_is_suspended_until_one_of_three_ways_is_taken(self, firm, account, way):
        remove_email(account, firm.address)
        assert [(row["email"], row["contact_before"]) for row in orphans_of(account)] == [("maria@mueller.example", "Maria Müller")]
        assert state(firm) == "offline"
        with reader(firm.viewer("portal")) as r:
            assert not r.sees(firm.own)
        if way == "delete":
            delete_orphan(account, firm.address)
            assert orphans_of(account) == []
        elif way == "switch_off":
            switch_off_orphan(account, firm.address)
            assert [(row["login"], row["signatory"]) for row in orphans_of(account)] == [(False, False)]
        else:
            heir = create_contact(account, {"name": "Erbin"})
            give_orphan(account, firm.address, heir)
            assert state(firm) == "active"
            assert [e["email"] for c in contacts_of(account) if c.contact_id == heir for e in c.emails] == ["maria@mueller.example"]

    def test_changing_an_address_before_the_first_sign_in_voids_the_invitation(self, firm, account):
        contact = create_contact(account, {"name": "Erik"}, ("erik@ost.example",))
        address = contacts_of(account)[0].emails[0]["contact_email_id"]
        assert contact
        token = set_access(account, address, 0, login=True)
        assert open_invitation(token).email == "erik@ost.example"
        change_email(account, address, None, email="erik@west.example")
        assert open_invitation(token) is None


class TestAccess:
    def test_a_login_is_pending_until_used_and_off_voids_the_link(self, firm):
        account = firm.account("empty")
        create_contact(account, {"name": "Ida"}, ("ida@leer.example",))
        address = contacts_of(account)[0].emails[0]["contact_email_id"]
        token = set_access(account, address, login=True)
        assert state(firm, "empty") == "pending"
        again = invite_again(account, address)
        assert open_invitation(token) is None
        assert open_invitation(again).contact_email_id == address
        set_access(account, address, login=False)
        assert open_invitation(again) is None
        assert state(firm, "empty") == "offline"

    def test_two_people_at_two_switches_of_an_address(self, firm, account):
        shown = contacts_of(account)[0].emails[0]["access_version"]
        set_access(account, firm.address, shown, notify=True)
        set_access(account, firm.address, shown, email_sync=True)
        email = contacts_of(account)[0].emails[0]
        assert (email["notify"], email["email_sync"]) == (True, True)

    @pytest.mark.parametrize("switches", [{"notify": False}, {"login": True}])
    def test_what_one_is_asked_back_for_is_asked_again_when_the_address_changed(self, firm, account, switches):
        shown = contacts_of(account)[0].emails[0]["access_version"]
        set_access(account, firm.address, shown, email_sync=True)
        with pytest.raises(EditConflict):
            set_access(account, firm.address, shown, **switches)

    def test_each_switch_is_written_down(self, firm, account):
        set_access(account, firm.address, notify=True, signatory=False)
        assert {e[1:] for e in entries("email_access") if e[0] == "changed" and not e[1].endswith("_since")} == {
            ("notify", "false", "true"),
            ("signatory", "true", "false"),
        }
