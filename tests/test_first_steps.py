"""*Erste Schritte* of a new installation, and what its bare address says before anybody may sign in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.base.config import read_settings
from core.base.rights import Viewer
from core.clients.custom_fields import add_starter_fields
from core.identity.firm import put_first_steps_away
from core.identity.members import add_member, make_first_owner, offer_first_owner
from core.operations.backup.retention import Standing
from core.store import now, reader, writer
from core.ui.settings import first_steps
from core.ui.settings.first_steps import is_shown, steps_done

ROOT = Path(__file__).parents[1]
SYSTEM = Viewer.system("tests")


@pytest.fixture
def owner(store) -> Viewer:
    """The first owner of an installation set up a moment ago."""
    token = offer_first_owner()
    begun = make_first_owner(token, firm="Neu", name="Olga", email="olga@kanzlei.example", password="eine-laterne-im-regen")
    return Viewer.staff(begun.viewer.own_id)


def undone(viewer: Viewer, **settings: object) -> list[str]:
    return [step for step, is_done in steps_done(viewer, replace(read_settings(), **settings)).items() if not is_done]


def test_each_step_is_done_by_what_there_is_and_undone_again(owner, monkeypatch, tmp_path):
    assert undone(owner) == ["fields", "team", "clients", "backups", "mail"]
    add_starter_fields(owner, ["iban"])
    assert undone(owner) == ["team", "clients", "backups", "mail"]
    add_member(SYSTEM, name="Emil", email="emil@kanzlei.example")
    with writer(SYSTEM) as tx:
        account = tx.insert("account", number="10001", name="Erster Kunde", created_at=now())
    assert undone(owner) == ["backups", "mail"]
    assert undone(owner, smtp_host="mail.example", smtp_sender="a@b.example") == ["backups"]
    with writer(SYSTEM) as tx:
        tx.delete("account", account)
    assert "clients" in undone(owner)


@pytest.mark.parametrize(("verified", "elsewhere", "done"), [(True, True, True), (True, False, False), (False, True, False)])
def test_a_backup_counts_once_it_is_verified_and_elsewhere(owner, monkeypatch, tmp_path, verified, elsewhere, done):
    monkeypatch.setattr(first_steps, "known_standing", lambda _: Standing("ok", object()) if verified else Standing("none"))
    folder = tmp_path / "elsewhere" if elsewhere else read_settings().data / "backups"
    assert ("backups" not in undone(owner, backup_folder=str(folder))) == done


def test_the_list_is_for_owners_and_admins_until_it_is_put_away(owner):
    employee = add_member(SYSTEM, name="Emil", email="emil@kanzlei.example")
    admin = add_member(SYSTEM, name="Ada", email="ada@kanzlei.example", role="admin")
    assert [is_shown(viewer) for viewer in (owner, Viewer.staff(admin), Viewer.staff(employee))] == [True, True, False]
    put_first_steps_away(owner)
    assert not is_shown(owner)
    put_first_steps_away(owner, False)
    assert is_shown(owner)
    with writer(SYSTEM) as tx:
        tx.update("firm", tx.value("SELECT firm_id FROM firm"), is_sample=True)
    assert not is_shown(owner), "the sample firm has nothing to set up"


def texts(at: AppTest) -> str:
    return " ".join(element.value for element in (*at.info, *at.markdown, *at.caption)) + " ".join(str(html) for html in at.get("html"))


def test_before_the_first_owner_the_address_says_where_the_link_is(store, monkeypatch):
    monkeypatch.chdir(ROOT)
    at = AppTest.from_file(str(ROOT / "core/ui/frame.py"), default_timeout=60).run()
    assert not at.exception and not at.text_input
    assert "im Fenster oder im Protokoll des Servers" in at.info[0].value
    token = offer_first_owner()
    assert token not in texts(at), "only whoever runs the server has the link"
    make_first_owner(token, firm="Neu", name="Olga", email="olga@kanzlei.example", password="eine-laterne-im-regen")
    at.run()
    assert [field.label for field in at.text_input] == ["E-Mail-Adresse", "Passwort"]
    with reader(SYSTEM) as r:
        assert r.value("SELECT first_steps_put_away FROM firm") is False
