"""Every write verb leaves in the record what it says here, under the name of who did it; a verb without a line here fails."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

import core.access
from core.access import VERBS
from core.store import writer
from tests.test_access import ON_ACCOUNT, ON_FIRM, as_if_open, build_people

# verb → what it records: the action, and the entity with the field; of what is deleted every field that held a value is.
RECORDED = {
    "documents.mark_seen": "changed document.seen_at, changed document.seen_by",
    "documents.mark_all_seen": "changed document.seen_at, changed document.seen_by",
    "uploads.place_documents": "created document",
    "uploads.edit_document": "changed document.is_shared, changed document.name",
    "uploads.drop_document": "deleted document",
    "details.mark_email_read": "changed email.is_read",
    "details.mark_chat_read": "changed chat.read_at",
    "record.edit_account": "changed account.name",
    "record.archive_account": "changed account.archived_at, changed account.state",
    "record.restore_account": "changed account.archived_at, changed account.state",
    "record.delete_account": "deleted account, deleted account_contact, deleted assignment, deleted chat, deleted credit, deleted document, deleted email, deleted email_access, deleted invoice, deleted note, deleted task, deleted time_entry",
    "photos.place_photo": "created photo",
    "photos.drop_photo": "deleted photo",
    "contacts.create_contact": "created account_contact, created contact",
    "contacts.edit_contact": "changed contact.city",
    "contacts.link_contact": "created account_contact",
    "contacts.unlink_contact": "deleted account_contact",
    "addresses.add_email": "created contact_email",
    "addresses.make_primary": "changed contact_email.is_primary",
    "addresses.remove_email": "changed account.state, changed contact_email.contact_id, changed contact_email.is_primary, changed email_access.suspended_at",
    "addresses.delete_orphan": "deleted contact_email, deleted email_access",
    "addresses.switch_off_orphan": "changed email_access.login, changed email_access.suspended_at",
    "addresses.give_orphan": "changed contact_email.contact_id, created email_access, deleted email_access",
    "email_access.invite_again": "invited contact_email",
    "work.add_note": "created note",
    "work.edit_note": "changed note.saved_at, changed note.text",
    "work.add_task": "created task",
    "work.edit_task": "changed task.title",
    "work.add_time": "created time_entry",
    "work.edit_time": "changed time_entry.amount, changed time_entry.minutes, changed time_entry.rate, changed time_entry.worked_on",
    "addresses.add_emails": "created contact_email",
    "addresses.change_email": "changed account.state, changed contact_email.email, changed email_access.first_login_at",
    "email_access.set_access": "changed email_access.notify, changed email_access.notify_since",
    "accounts.create_account": "created account, created account_contact, created contact",
    "saved_views.save_view": "created saved_view",
    "saved_views.delete_view": "deleted saved_view",
    "members.add_member": "created staff_member",
    "members.set_password": "changed staff_member.password_hash",
    "members.set_role": "changed staff_member.role",
    "members.set_rights": "created staff_right.right_key",
    "members.deactivate": "changed staff_member.is_active",
    "members.assign": "created assignment",
    "members.unassign": "deleted assignment",
    "team.invite_member": "created staff_member, invited staff_member",
    "team.edit_member": "changed staff_member.email, changed staff_member.name, created staff_right.right_key",
    "team.invite_member_again": "invited staff_member",
    "team.withdraw_invitation": "changed staff_member.is_active",
    "team.reactivate": "changed staff_member.is_active",
    "view_as.begin_view": "view_began staff_member",
    "view_as.end_view": "view_ended staff_member",
    "members.set_language": "changed staff_member.language",
    "record.change_many": "created account_tag, created assignment",
    "tags.define_tag": "created tag",
    "tags.change_tag": "changed tag.color, changed tag.name",
    "tags.delete_tag": "deleted tag",
    "audit_log.note_reading": "record_read audit_entry",
    "audit.erase_values": "erased account.name",
    "custom_fields.define_field": "created custom_field",
    "custom_fields.change_field": "changed custom_field.label",
    "custom_fields.retire_field": "changed custom_field.retired_at",
    "custom_fields.restore_field": "changed custom_field.retired_at",
    "custom_fields.order_fields": "changed custom_field.position",
    "custom_fields.add_starter_fields": "created custom_field",
    "web.sessions.end_own_session": "session_ended staff_member",
    "web.sessions.end_other_sessions": "sessions_ended staff_member",
    "password_change.make_reset_link": "reset_link_made staff_member",
    "second_factor.set_second_factor": "second_factor_set staff_member",
    "second_factor.renew_recovery_codes": "recovery_codes_made staff_member",
    "second_factor.remove_second_factor": "second_factor_removed staff_member",
    "second_factor.reset_second_factor": "second_factor_reset staff_member",
    "provider_person.forget_provider_person": "provider_person_forgotten staff_member",
    "second_factor.set_sign_in_rules": "changed firm.second_factor_roles",
}
# Verbs that look at what only another one leaves behind.
BEFORE = {
    "record.restore_account": "record.archive_account",
    "photos.drop_photo": "photos.place_photo",
    "team.reactivate": "members.deactivate",
    "view_as.end_view": "view_as.begin_view",
    "custom_fields.restore_field": "custom_fields.retire_field",
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

    monkeypatch.setattr(core.access, "writer", looked_at)
    for short in sorted(RECORDED, key=lambda verb: verb in BEFORE):
        undo = False
        if short in BEFORE:
            call(firm, f"core.{BEFORE[short]}")
        seen.clear()
        undo = True
        with pytest.raises(Undone):
            call(firm, f"core.{short}")
        found = {f"{e['action']} {e['entity']}" + (f".{e['field']}" if e["field"] and e["action"] != "deleted" else "") for e in seen}
        if found != set(filter(None, RECORDED[short].split(", "))):
            wrong[short] = ", ".join(sorted(found))
        assert {(e["actor_kind"], e["actor_id"], e["through"]) for e in seen} <= {("staff", firm.owner, "form")}, short
    assert wrong == {}


def test_no_verb_is_left_out():
    assert {f"core.{verb}" for verb in RECORDED} == set(VERBS)
