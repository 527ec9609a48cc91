"""Runs nobody watches: what they leave to a person, what a folder runs by a name, when it rests, and files that cannot be moved."""

from __future__ import annotations

import pytest

from core.base.rights import Viewer
from core.identity.members import set_role
from core.imports.job_runner import read_next, work_off
from core.imports.jobs import begin, confirm, job
from core.imports.unattended import begin_unattended
from tests.test_import_jobs import SYSTEM, TEAM, upload, value

D = "kundenblick.data."
BEGIN = 'delimiter = ";"\n[[tables]]\ntable = "account"\nfile = "c"\nkey = ["Nr"]\nmatch = ["number"]\n'
CLIENTS = f'name = "stand"\n[files.c]\npath = "m.csv"\n{BEGIN}gone = "archive"\ngone_at_most = 100\nfields = {{ number = "Nr", name = "Firma" }}\n'
ACCESS = f"""name = "zugang"
[files.c]
path = "m.csv"
{BEGIN}fields = {{ number = "Nr", name = "Firma" }}
[[tables]]
table = "contact"
file = "c"
key = ["Nr"]
fields = {{ name = "Firma" }}
[[tables]]
table = "account_contact"
file = "c"
fields = {{ account_id = "Nr", contact_id = "Nr" }}
[[tables]]
table = "contact_email"
file = "c"
key = ["Nr"]
fields = {{ contact_id = "Nr", email = "Mail" }}
[[tables]]
table = "email_access"
file = "c"
fields = {{ account_id = "Nr", contact_id = "Nr", contact_email_id = "Nr", login = {{ value = true }}, suspended_at = "Seit" }}
"""


def confirmed(settings, viewer: Viewer, mapping: str, *rows: str, head: str):
    number = begin(viewer, upload(settings, viewer, *rows, name="m.csv", head=head), mapping)
    read_next(settings)
    seen = job(viewer, number)
    assert seen.state == "rehearsed", (seen.problem, seen.problems)
    confirm(viewer, number, seen.digest)
    work_off(settings)
    assert job(viewer, number).state == "done"
    return job(viewer, number)


def by_itself(settings, name: str, *rows: str, head: str) -> int:
    file = settings.data / "neu.csv"
    file.write_text("\n".join([head, *rows, ""]), "utf-8")
    number = begin_unattended(settings, name, file, by_itself=True)
    work_off(settings)
    return number


@pytest.fixture
def me(firm):
    return firm.viewer("everything")


def test_who_is_let_in_again_waits_for_a_person(firm, settings, me):
    """A client that comes back brings its logins along, and so does a suspension that ends."""
    head, one, two = "Nr;Firma", "10001;Müller/Weber GbR", "10002;Schmidt Straßenbau"
    confirmed(settings, me, CLIENTS, one, two, head=head)
    archived = f"SELECT archived_at IS NOT NULL FROM {D}account WHERE account_id = {firm.own}"
    assert job(me, by_itself(settings, "stand", two, head=head)).state == "done" and value(archived)
    seen = job(me, by_itself(settings, "stand", one, two, head=head))
    assert (seen.state, [given.kind for given in seen.grants], value(archived)) == ("rehearsed", ["client_back"], True)
    confirm(me, seen.id, seen.digest)
    work_off(settings)
    assert not value(archived)

    head = "Nr;Firma;Mail;Seit"
    confirmed(settings, me, ACCESS, "5;Fünf;alt@x.example;2026-01-01T10:00:00", head=head)
    seen = job(me, by_itself(settings, "zugang", "5;Fünf;alt@x.example;", head=head))
    assert (seen.state, [given.kind for given in seen.grants]) == ("rehearsed", ["suspension_lifted"])
    assert value(f"SELECT count(*) FROM {D}email_access WHERE suspended_at IS NOT NULL") == 1


def test_nobody_of_the_team_is_unmade_by_itself(firm, settings, me):
    set_role(SYSTEM, firm.everything, "admin")
    head = "Nr;Name;Mail;Aktiv"
    team = (
        TEAM.replace('theirs = ["role"]', 'theirs = ["is_active"]')
        .replace('role = "Rolle"', 'is_active = "Aktiv"')
        .replace("team.csv", "m.csv")
    )
    new = "1;Neu;neu@kanzlei.example;"
    confirmed(settings, me, team, f"{new}true", head=head)
    for row in (f"{new}false", "2;Olga Owner;owner@kanzlei.example;false"):
        seen = job(me, by_itself(settings, "team", row, head=head))
        assert (seen.state, [given.kind for given in seen.grants]) == ("rehearsed", []), seen
    assert value(f"SELECT count(*) FROM {D}staff_member WHERE NOT is_active AND (role = 'owner' OR name = 'Neu')") == 0
    # Whoever confirms answers for it: an admin may not change an owner.
    confirm(me, seen.id, seen.digest)
    work_off(settings)
    assert (job(me, seen.id).state, job(me, seen.id).problem) == ("refused", "import_oversteps")
