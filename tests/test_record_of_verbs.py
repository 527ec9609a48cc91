"""Every write verb leaves in the record what it says here, under the name of who did it; a verb without a line here fails."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

import core.access.verbs
from core.access.verbs import VERBS
from core.store import writer
from tests.test_access import ON_ACCOUNT, ON_FIRM, as_if_open, build_people

# verb → what it records: the action, and the entity with the field; of what is deleted every field that held a value is.
RECORDED = {
    "document.mark_seen": "changed document.seen_at, changed document.seen_by",
    "document.mark_all_seen": "changed document.seen_at, changed document.seen_by",
    "document.add": "created document",
    "document.edit": "changed document.is_shared, changed document.name",
    "document.withdraw": "deleted document",
    "email.mark_read": "changed email.is_read",
    "chat.mark_read": "changed chat.read_at",
    "turn_set_aside.put": "created turn_set_aside",
    "turn_set_aside.take_back": "deleted turn_set_aside",
    "account.edit": "changed account.name",
    "account.archive": "changed account.archived_at, changed account.state",
    "account.restore": "changed account.archived_at, changed account.state",
    "account.delete": "deleted account, deleted account_contact, deleted assignment, deleted chat, deleted credit, deleted document, deleted email, deleted email_access, deleted invoice, deleted note, deleted task, deleted time_entry, deleted turn_set_aside",
    "photo.set": "created photo",
    "photo.remove": "deleted photo",
    "contact.create": "created account_contact, created contact",
    "contact.edit": "changed contact.city",
    "account_contact.link": "created account_contact",
    "account_contact.unlink": "deleted account_contact",
    "contact_email.add": "created contact_email",
    "contact_email.make_primary": "changed contact_email.is_primary",
    "contact_email.remove": "changed account.state, changed contact_email.contact_id, changed contact_email.is_primary, changed email_access.suspended_at",
    "contact_email.delete_orphan": "deleted contact_email, deleted email_access",
    "contact_email.switch_off_orphan": "changed email_access.login, changed email_access.suspended_at",
    "contact_email.give_orphan": "changed contact_email.contact_id, created email_access, deleted email_access",
    "email_access.invite_again": "invited contact_email",
    "note.add": "created note",
    "note.edit": "changed note.saved_at, changed note.text",
    "task.add": "created task",
    "task.edit": "changed task.title",
    "time_entry.add": "created time_entry",
    "time_entry.edit": "changed time_entry.amount, changed time_entry.minutes, changed time_entry.rate, changed time_entry.worked_on",
    "contact_email.add_many": "created contact_email",
    "contact_email.change": "changed account.state, changed contact_email.email, changed email_access.first_login_at",
    "email_access.set": "changed email_access.notify, changed email_access.notify_since",
    "account.create": "created account, created account_contact, created contact",
    "saved_view.save": "created saved_view",
    "saved_view.delete": "deleted saved_view",
    "cohort.keep": "created cohort",
    "cohort.forget": "deleted cohort",
    "saved_query.save": "created saved_query",
    "saved_query.delete": "deleted saved_query",
    "staff_member.add": "created staff_member",
    "staff_member.set_password": "changed staff_member.password_hash",
    "staff_member.set_role": "changed staff_member.role",
    "staff_right.set": "created staff_right.right_key",
    "staff_member.deactivate": "changed staff_member.is_active",
    "assignment.add": "created assignment",
    "assignment.remove": "deleted assignment",
    "staff_member.invite": "created staff_member, invited staff_member",
    "staff_member.edit": "changed staff_member.email, changed staff_member.name, created staff_right.right_key",
    "staff_member.invite_again": "invited staff_member",
    "staff_member.withdraw_invitation": "changed staff_member.is_active",
    "staff_member.reactivate": "changed staff_member.is_active",
    "session.begin_view": "view_began staff_member",
    "session.end_view": "view_ended staff_member",
    "staff_member.set_language": "changed staff_member.language",
    "account.change_many": "created account_tag, created assignment",
    "account.archive_many": "changed account.archived_at, changed account.state",
    "account.restore_many": "changed account.archived_at, changed account.state",
    "email_access.give_many": "changed email_access.notify, changed email_access.notify_since",
    "tag.define": "created tag",
    "tag.change": "changed tag.color, changed tag.name",
    "tag.delete": "deleted tag",
    "audit_entry.read": "record_read audit_entry",
    "audit_entry.erase": "erased account.name",
    "custom_field.define": "created custom_field",
    "custom_field.change": "changed custom_field.label",
    "custom_field.retire": "changed custom_field.retired_at",
    "custom_field.restore": "changed custom_field.retired_at",
    "custom_field.order": "changed custom_field.position",
    "custom_field.add_starter_set": "created custom_field",
    "session.end": "session_ended staff_member",
    "session.end_others": "sessions_ended staff_member",
    "one_time_link.make_reset": "reset_link_made staff_member",
    "second_factor.set": "second_factor_set staff_member",
    "recovery_code.renew": "recovery_codes_made staff_member",
    "second_factor.remove": "second_factor_removed staff_member",
    "second_factor.reset": "second_factor_reset staff_member",
    "provider_person.forget": "provider_person_forgotten staff_member",
    "firm.set_sign_in_rules": "changed firm.second_factor_roles",
    "firm.set_details": "changed firm.currency, changed firm.name, changed firm.time_zone",
    "firm.set_logo": "changed firm.logo",
    "firm.remove_logo": "changed firm.logo",
    "firm.set_opening_hours": "changed firm.holiday_land, changed firm.opening_hours",
    "firm.put_first_steps_away": "changed firm.first_steps_put_away",
    "firm.test_mail": "mail_tested firm",
    "import_file.add": "uploaded import_file",
}
# Verbs that look at what only another one leaves behind.
BEFORE = {
    "account.restore": "account.archive",
    "account.restore_many": "account.archive_many",
    "photo.remove": "photo.set",
    "firm.remove_logo": "firm.set_logo",
    "staff_member.reactivate": "staff_member.deactivate",
    "session.end_view": "session.begin_view",
    "custom_field.restore": "custom_field.retire",
}


def call(people, verb: str) -> None:
    if verb in ON_ACCOUNT:
        arguments, _, named = (*ON_ACCOUNT[verb], {})[:3]
        VERBS[verb](as_if_open(people, "owner", people.own), *arguments(people), **named)
    else:
        arguments, named, _ = ON_FIRM[verb]
        VERBS[verb](people.viewer("owner"), *arguments(people), **named)


class Undone(Exception):
    """The verb went through, and its transaction is taken back."""


def test_every_verb_leaves_its_entries(holding, monkeypatch):
    firm, seen, wrong = holding(build_people), [], {}

    @contextmanager
    def looked_at(viewer):
        with writer(viewer) as tx:
            yield tx
            seen.extend(tx.entries)
            if undo:
                raise Undone

    monkeypatch.setattr(core.access.verbs, "writer", looked_at)
    for short in sorted(RECORDED, key=lambda verb: verb in BEFORE):
        undo = False
        if short in BEFORE:
            call(firm, BEFORE[short])
        seen.clear()
        undo = True
        with pytest.raises(Undone):
            call(firm, short)
        found = {f"{e['action']} {e['entity']}" + (f".{e['field']}" if e["field"] and e["action"] != "deleted" else "") for e in seen}
        if found != set(filter(None, RECORDED[short].split(", "))):
            wrong[short] = ", ".join(sorted(found))
        assert {(e["actor_kind"], e["actor_id"], e["through"]) for e in seen} <= {("staff", firm.owner, "form")}, short
    assert wrong == {}


def test_no_verb_is_left_out():
    assert set(RECORDED) == set(VERBS)
