"""Mail is taken in while its address is synchronised for the client, and left aside, with a word, once it is not."""

from __future__ import annotations

import pytest

from core.access.contact_access import set_access
from core.base.rights import Viewer
from core.i18n import speaking
from core.imports.run import import_data
from core.store import reader, writer

SYSTEM = Viewer.system("tests")
MAPPING = """
name = "mail"
[files.mail]
path = "mail.csv"
[[tables]]
table = "account"
file = "mail"
key = ["account"]
match = ["number"]
distinct = true
[tables.fields]
number = "account"
name = { value = "Müller/Weber GbR" }
[[tables]]
table = "email"
file = "mail"
key = ["id"]
[tables.fields]
account_id = "account"
subject = "id"
from_address = "sender"
to_address = "recipient"
sent_at = "day"
direction = { value = "received" }
"""
FIRM = "team@kanzlei.example"


@pytest.fixture
def brought(firm, settings, tmp_path):
    """Bring in these mails (from, to) of the own account; returns (their subjects in the store, what was said)."""

    def bring(*mails: tuple[str, str]) -> tuple[set[str], list[str]]:
        lines = [f'{place},10001,"{sender}","{to}",2026-11-01 10:00:00' for place, (sender, to) in enumerate(mails)]
        (tmp_path / "mail.csv").write_text("id,account,sender,recipient,day\n" + "\n".join(lines) + "\n")
        (tmp_path / "mail.toml").write_text(MAPPING)
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "mail.toml", said.append), said
        with reader(SYSTEM) as r:
            return {row["subject"] for row in r.rows("SELECT subject FROM email")}, said

    return bring


def test_a_switched_off_address_is_left_aside_and_the_rest_is_taken_in(firm, brought):
    mails = [
        ("Maria Müller <MARIA@mueller.example>", FIRM), (FIRM, "maria@mueller.example, amt@stadt.example"),
        ("amt@stadt.example", FIRM),
    ]  # fmt: skip
    taken, said = brought(*mails)
    assert taken == {"2"}
    assert [line for line in said if line.startswith("2 emails not taken in: email sync is off")]
    set_access(firm.account(), firm.address, email_sync=True)
    taken, said = brought(*mails)
    assert taken == {"0", "1", "2"}
    assert not [line for line in said if "not taken in" in line]
    set_access(firm.account(), firm.address, email_sync=False)
    taken, said = brought(*mails, ("maria@mueller.example", FIRM))
    # What was taken in while it was on stays.
    assert taken == {"0", "1", "2"}
    assert [line for line in said if line.startswith("1 email not taken in")]


def test_the_switch_of_another_client_does_not_count(firm, brought):
    with writer(SYSTEM) as tx:
        tx.insert("account_contact", account_id=firm.foreign, contact_id=firm.contact, created_at=tx.moment)
    set_access(firm.account("foreign"), firm.address, email_sync=True)
    assert brought(("maria@mueller.example", FIRM))[0] == set()


def test_a_mail_without_a_subject_is_taken_in(firm, settings, tmp_path, brought):
    brought()
    mapping = (tmp_path / "mail.toml").read_text().replace('subject = "id"', 'subject = "subject"')
    (tmp_path / "mail.toml").write_text(mapping)
    (tmp_path / "mail.csv").write_text(f"id,account,subject,sender,recipient,day\n1,10001,,x@fremd.example,{FIRM},2026-11-01 10:00:00\n")
    said: list[str] = []
    for _ in range(2):
        assert import_data(settings, tmp_path / "mail.toml", said.append), said
    with reader(SYSTEM) as r:
        assert [row["subject"] for row in r.rows("SELECT subject FROM email WHERE from_address = 'x@fremd.example'")] == [""]


@pytest.mark.parametrize(
    "sender",
    ["SMTP:MARIA@mueller.example", "Maria [mailto:maria@mueller.example]", "maria+rechnung@mueller.example",
     "'maria@mueller.example'", "maria\uff20mueller.example", "maria@mueller.example.", "maria @mueller.example"],
)  # fmt: skip
def test_an_address_written_otherwise_is_switched_off_all_the_same(firm, brought, sender):
    assert brought((sender, FIRM))[0] == set()
    if "@m" in sender and " @" not in sender:
        set_access(firm.account(), firm.address, email_sync=True)
        assert brought((sender, FIRM))[0] == {"0"}


@pytest.mark.parametrize(("kept", "sender"), [("o'brien@firma.example.net", "O'Brien <o'brien@firma.example.net>"),
                                              ("info@m\u00fcller.de", "info@xn--mller-kva.de")])  # fmt: skip
def test_apostrophes_and_international_domains_are_recognised(firm, brought, kept, sender):
    with writer(SYSTEM) as tx:
        tx.update("contact_email", firm.address, email=kept)
    assert brought((sender, FIRM))[0] == set()
