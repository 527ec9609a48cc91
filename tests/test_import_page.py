"""What *Daten übernehmen* remembers of a list, knows again, and says of values that are none."""

from __future__ import annotations

import pytest

from core.base.errors import NotFound
from core.base.rights import Viewer
from core.i18n import LANGUAGES, speaking, words_of
from core.imports import uploads
from core.imports.job_runner import read_next, take_next
from core.imports.jobs import KINDS, STATES, begin, changed_cells, confirm, job, own_jobs, rights_lacking
from core.imports.recognise import FIELDS, mapping_text
from core.imports.uploads import receive_upload, unread_uploads
from core.store import writer
from core.ui.imports.changes_step import SHOWN
from core.ui.imports.columns_step import ColumnShown
from core.ui.imports.drafts import Draft, draft_in, draft_of, keep_draft, with_mark
from core.ui.imports.file_facts import facts_of, is_none, odd_values, shown_columns
from core.ui.imports.remembered import as_last_time, forget_older, free_name, looks_of

HEADS = "Nummer;Name;Telefon;E-Mail;Geburtstag"
ROWS = ("30001;Neu eins GmbH;0421 4711 privat;eins@neu.example;", "30002;Neu zwei GmbH;siehe Akte;zwei@neu.example;01.02.1980")


@pytest.fixture(autouse=True)
def of_this_folder(monkeypatch, settings):
    """The pages read the settings of the process."""
    monkeypatch.setattr(uploads, "read_settings", lambda: settings)


def bring(settings, viewer, *rows: str, head: str = HEADS, name: str = "liste.csv") -> int:
    with receive_upload(viewer, settings, name, None) as incoming:
        incoming.write("\n".join([head, *rows, ""]).encode())
        return incoming.keep(viewer)


def chosen(viewer, file_id: int, name: str) -> tuple[str, Draft]:
    """The mapping that the page writes when one only goes on, and what it remembers of it."""
    facts = facts_of(viewer, file_id, {})
    fields = {column.key: column.field for column in shown_columns(Draft(file_id), facts) if column.field}
    draft = Draft(file_id, fields=fields, name=name, **looks_of(facts))
    return with_mark(mapping_text(name, facts, "liste.csv", {int(place): field for place, field in fields.items()}), draft), draft


def taken(settings, viewer, file_id: int, name: str) -> int:
    number = begin(viewer, file_id, chosen(viewer, file_id, name)[0])
    read_next(settings)
    confirm(viewer, number, job(viewer, number).digest)
    take_next(settings)
    assert job(viewer, number).state == "done"
    return number


def test_a_list_that_came_before_is_known_by_its_heads_and_read_at_once(firm, settings):
    viewer = firm.viewer("owner")
    file_id = bring(settings, viewer, *ROWS)
    facts = facts_of(viewer, file_id, {})
    assert as_last_time(viewer, file_id, facts) is None, "it never came"
    taken(settings, viewer, file_id, "Mandanten")
    again = bring(settings, viewer, *ROWS, "30003;Neu drei GmbH;;drei@neu.example;", name="anders.csv")
    number = as_last_time(viewer, again, facts_of(viewer, again, {}))
    read_next(settings)
    found = job(viewer, number)
    assert (found.mapping, found.counts["account"]["new"], found.counts["account"]["same"]) == ("Mandanten", 1, 2)
    assert draft_in(found.mapping_text).file_id == again, "the way back leads to this file"
    assert next((one.id, one.state) for one in own_jobs(viewer)) == (number, "rehearsed")
    other = facts_of(viewer, bring(settings, viewer, "1;Ort", head="Nummer;Ort"), {})
    assert as_last_time(viewer, again, other) is None
    assert free_name(viewer, "Mandanten", facts) == "Mandanten"
    assert free_name(viewer, "Mandanten", other) == "Mandanten 2", "two lists of one name would be compared with each other"


def test_who_goes_back_and_reads_the_file_otherwise_leaves_no_rehearsal_behind(firm, settings):
    viewer = firm.viewer("owner")
    file_id, other = bring(settings, viewer, *ROWS), bring(settings, viewer, *ROWS)
    first, kept, second = (begin(viewer, one, chosen(viewer, one, "Mandanten")[0]) for one in (file_id, other, file_id))
    for _ in range(2):
        read_next(settings)
    forget_older(viewer, file_id, second)
    assert [job(viewer, number).state for number in (first, kept, second)] == ["interrupted", "rehearsed", "read"]


def test_a_list_under_another_name_meets_the_addresses_that_are_there(firm, settings):
    viewer = firm.viewer("owner")
    taken(settings, viewer, bring(settings, viewer, *ROWS), "Mandanten")
    file_id = bring(settings, viewer, *ROWS)
    number = begin(viewer, file_id, chosen(viewer, file_id, "Zweite Liste")[0])
    read_next(settings)
    found = job(viewer, number)
    assert not found.kinds.get("refused") and not found.kinds.get("new"), changed_cells(viewer, number, "refused").rows


def test_what_was_chosen_is_kept_for_its_person_and_stands_in_the_mapping(firm, settings):
    viewer = firm.viewer("owner")
    file_id = bring(settings, viewer, *ROWS)
    text, draft = chosen(viewer, file_id, "Größe „x“")
    assert draft_in(text) == draft
    assert draft_in('name = "x"') is None and draft_in("# page: {}\n") is None and draft_in("# page: nonsense\n") is None
    keep_draft(viewer, draft)
    assert draft_of(viewer, file_id) == draft
    assert draft_of(firm.viewer("everything"), file_id) == Draft(file_id)
    with pytest.raises(NotFound):
        facts_of(firm.viewer("everything"), file_id, {})


def test_values_that_are_none_are_told_from_those_that_are_taken_in_part(firm, settings):
    viewer = firm.viewer("owner")
    file_id = bring(settings, viewer, *ROWS)
    facts = facts_of(viewer, file_id, {})
    columns = shown_columns(Draft(file_id), facts)
    assert [column.field for column in columns][:4] == ["account.number", "account.name", "contact.phone", "contact_email.email"]
    odd = odd_values(columns, {column.key: column.field for column in columns}, facts["sample"], facts)
    assert [is_none(odd["2"][place]) for place in (0, 1)] == [False, True] and set(odd) == {"2"}
    with speaking("de"):
        assert "siehe Akte" in odd["2"][1].reason()
    date = [ColumnShown("4", "Geburtstag", (), 1, "contact.born_on", True)]
    assert not odd_values(date, {"4": "contact.born_on"}, facts["sample"], facts)
    assert odd_values(date, {"4": "contact.born_on"}, [["", "", "", "", "31.02.1980"]], facts)["4"]
    assert [column.field for column in shown_columns(Draft(file_id, fields={"1": ""}), facts)][1] == "", "a choice counts"


def test_every_kind_and_state_of_a_job_has_its_place_on_the_page():
    assert set(SHOWN) == set(KINDS)
    for code in LANGUAGES:
        known = words_of(code)
        assert {f"import_page.changes.{part}.{kind}" for part in ("kind", "hint") for kind in KINDS} <= set(known)
        assert {f"import_page.state.{state}" for state in STATES} <= set(known)
        assert {f"import_page.field.{key}" for key, field in FIELDS.items() if not field.label} <= set(known)


def test_a_file_that_was_left_before_it_was_read_is_found_again(firm, settings):
    viewer = firm.viewer("owner")
    read, left = bring(settings, viewer, *ROWS), bring(settings, viewer, *ROWS, name="liegen.csv")
    begin(viewer, read, chosen(viewer, read, "Mandanten")[0])
    assert [upload.id for upload in unread_uploads(viewer)] == [left]
    assert unread_uploads(firm.viewer("everything")) == [], "another's"


def test_the_rights_that_are_lacking_are_named_before_anything_is_read(firm, settings):
    owner, viewer = firm.viewer("owner"), firm.viewer("assigned")
    with writer(Viewer.system("tests")) as tx:
        tx.insert("staff_right", staff_member_id=viewer.id, right_key="import_data")
    file_id = bring(settings, viewer, *ROWS)
    text = chosen(viewer, file_id, "Mandanten")[0]
    assert rights_lacking(viewer, file_id, text) == ["manage_accounts", "view_all_accounts"]
    assert rights_lacking(owner, bring(settings, owner, *ROWS), text) == []
