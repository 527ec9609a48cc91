"""Whoever calls is found: the sample's clients by three letters of name, contact or address, and by every telephone number."""

from __future__ import annotations

import shutil

import pytest

from core.base.config import read_settings
from core.base.contact_points import one_telephone
from core.base.rights import Viewer
from core.clients.search import search
from core.operations.installation import open_installation
from core.store import close_store, reader
from tests.size import some

SYSTEM = Viewer.system("tests")
SHOWN = 5


@pytest.fixture(scope="module")
def sample(sample_folder, tmp_path_factory):
    data = tmp_path_factory.mktemp("sample") / "data"
    shutil.copytree(sample_folder, data)
    close_store()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(data)}))
    yield
    close_store()


def found(viewer: Viewer, text: str) -> set[int]:
    return {match.account_id for match in search(viewer, text, SHOWN) if not match.is_guess}


def callers(r) -> list[dict]:
    return r.rows(
        """SELECT l.account_id, a.name AS client, c.name, c.phone, c.mobile FROM account_contact l
        JOIN account a ON a.account_id = l.account_id JOIN contact c ON c.contact_id = l.contact_id ORDER BY 1, c.contact_id"""
    )


def test_every_telephone_number_is_kept_as_forms_keep_it_and_finds_its_client(sample):
    with reader(SYSTEM) as r:
        rows = callers(r)
        owner = Viewer.staff(r.value("SELECT min(staff_member_id) FROM staff_member WHERE role = 'owner'"))
    numbers = [(row["account_id"], number) for row in rows for number in (row["phone"], row["mobile"]) if number]
    assert len(numbers) > 200
    shared = {number: {i for i, other in numbers if other == number} for _, number in numbers}
    for account_id, number in some(numbers, 4):
        assert one_telephone(number) == number
        national = "0" + "".join(c for c in number if c.isdecimal())[2:]
        if len(shared[number]) <= SHOWN:
            assert account_id in found(owner, number), number
            assert account_id in found(owner, national), national
        assert found(owner, national[-7:]), national


def test_nine_of_ten_clients_are_among_the_first_five_by_three_letters_and_all_by_a_contacts_name(sample):
    with reader(SYSTEM) as r:
        rows = callers(r)
        owner = Viewer.staff(r.value("SELECT min(staff_member_id) FROM staff_member WHERE role = 'owner'"))
    clients = {row["account_id"]: row["client"] for row in rows}
    by_contact = {row["account_id"]: row["name"] for row in rows}
    letters = [any(i in found(owner, word[:3]) for word in (name.split() + by_contact[i].split())) for i, name in clients.items()]
    assert sum(letters) >= 0.9 * len(clients), f"{sum(letters)} of {len(clients)}"
    assert all(i in {match.account_id for match in search(owner, name, 12)} for i, name in by_contact.items())
