"""The firm's own settings: name, time zone, currency, logo, and a test of its mail server."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
from dataclasses import replace
from decimal import Decimal

import pytest
from PIL import Image

from core.base.config import read_settings
from core.base.errors import AppError, EditConflict, NotAllowed, ValidationFailed
from core.base.rights import Viewer
from core.documents.logo import logo, remove_logo, set_logo
from core.documents.photos import REASONS
from core.i18n import speaking, t
from core.i18n.formats import day, moment, money, use_firm
from core.identity import throttle
from core.identity.firm import DETAILS, send_test_mail, set_firm_details
from core.mail.smtp import reason_of
from core.store import now, reader

SYSTEM = Viewer.system("tests")


def firm_row() -> dict:
    with reader(SYSTEM) as r:
        return r.row(DETAILS)


def recorded(field: str) -> list[tuple]:
    with reader(SYSTEM) as r:
        rows = r.rows("SELECT action, old_value, new_value FROM audit_entry WHERE entity = 'firm' AND field = $f ORDER BY 1, 2", f=field)
    return [(row["action"], row["old_value"], row["new_value"]) for row in rows]


def test_an_owner_changes_name_time_zone_and_currency(firm):
    set_firm_details(
        Viewer.staff(firm.owner), firm_row()["version"], name="  Lindner & Töchter ", time_zone="Europe/Zurich", currency="CHF"
    )
    found = firm_row()
    assert (found["name"], found["time_zone"], found["currency"]) == ("Lindner & Töchter", "Europe/Zurich", "CHF")
    assert recorded("currency") == [("changed", "EUR", "CHF")]


def test_what_cannot_be_is_said_of_every_field_at_once(firm):
    with pytest.raises(ValidationFailed) as failed:
        set_firm_details(Viewer.staff(firm.owner), None, name=" ", time_zone="Mars/Olympus", currency="Taler")
    assert {field: code for field, (code, _) in failed.value.problems.items()} == {
        "name": "name_length", "time_zone": "choice_unknown", "currency": "choice_unknown",
    }  # fmt: skip
    assert firm_row()["name"] == "Testkanzlei"


def test_the_second_of_two_who_edit_hears_of_the_first(firm):
    before = firm_row()["version"]
    set_firm_details(Viewer.staff(firm.owner), before, name="Eins", time_zone="Europe/Berlin", currency="EUR")
    with pytest.raises(EditConflict):
        set_firm_details(Viewer.staff(firm.owner), before, name="Zwei", time_zone="Europe/Berlin", currency="EUR")


def test_amounts_and_times_are_written_as_the_firm_says():
    use_firm("America/New_York", "USD")
    try:
        with speaking("de"):
            assert money(Decimal("1234.5")).replace("\xa0", " ") == "1.234,50 $"
            assert money(Decimal(1), "JPY").replace("\xa0", " ") == "1 ¥"
        with speaking("en"):
            assert day(now().replace(2026, 12, 31).date()) == "31/12/2026"
            assert moment(now().replace(2026, 12, 31, 3, 5)) == "30/12/2026, 22:05"
    finally:
        use_firm("Europe/Berlin", "EUR")


def a_logo(width: int = 900, height: int = 300) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), (200, 30, 30, 0)).save(out, "PNG")
    return out.getvalue()


def test_a_logo_keeps_its_shape_and_is_shown_to_everybody(firm, shell):
    owner = Viewer.staff(firm.owner)
    stranger = shell()
    assert (stranger.get("/logo").status_code, firm_row()["has_logo"]) == (404, False)
    set_logo(owner, a_logo())
    answer = stranger.get(f"/logo?v={firm_row()['version']}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.size, picture.convert("RGB").getpixel((5, 5))) == ((384, 128), (255, 255, 255))
    assert "immutable" in answer.headers["cache-control"]
    assert stranger.get("/logo").headers["cache-control"] == "private, no-store"
    assert recorded("logo") == [("changed", None, None)], "the picture itself is not written into the record"
    remove_logo(owner)
    assert (logo(), stranger.get("/logo").status_code) == (None, 404)


@pytest.mark.parametrize("content", [b"", b"GIF89a", a_logo()[:200], a_logo(20, 20)], ids=["empty", "format", "cut", "small"])
def test_what_is_no_picture_is_refused_as_a_photo_is(firm, content):
    with pytest.raises(ValidationFailed) as failed:
        set_logo(Viewer.staff(firm.owner), content)
    assert {code for code, _ in failed.value.problems.values()} <= REASONS
    assert logo() is None


def test_a_member_without_the_role_sets_nothing(firm):
    for change in (
        lambda viewer: set_logo(viewer, a_logo()), remove_logo, lambda viewer: send_test_mail(viewer, read_settings()),
        lambda viewer: set_firm_details(viewer, None, name="x", time_zone="UTC", currency="EUR"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            change(Viewer.staff(firm.everything))


@pytest.fixture
def mailed(monkeypatch):
    """Settings with a mail server, and the mails it got; the counts of tries are new."""
    throttle._counts.clear()
    sent: list[tuple[str, str, str]] = []
    monkeypatch.setattr("core.identity.firm.send", lambda _settings, to, subject, text: sent.append((to, subject, text)))
    yield replace(read_settings(), smtp_host="mail.example", smtp_sender="kanzlei@firma.example"), sent
    throttle._counts.clear()


def test_a_test_mail_goes_to_oneself_and_is_recorded(firm, mailed):
    settings, sent = mailed
    assert send_test_mail(Viewer.staff(firm.owner), settings) == "owner@kanzlei.example"
    assert [(to, subject) for to, subject, _ in sent] == [("owner@kanzlei.example", "Testkanzlei: Testnachricht")]
    with reader(SYSTEM) as r:
        assert r.value("SELECT count(*) FROM audit_entry WHERE action = 'mail_tested'") == 1


def test_test_mails_are_slowed_down(firm, mailed):
    with pytest.raises(throttle.TooManyTries):
        for _ in range(9):
            send_test_mail(Viewer.staff(firm.owner), mailed[0])
    assert len(mailed[1]) == 3


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (socket.gaierror(-2, "unknown"), "host"), (TimeoutError(), "answer"), (ConnectionRefusedError(), "answer"),
        (ssl.SSLError("no"), "secure"), (smtplib.SMTPNotSupportedError("no STARTTLS"), "secure"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "sign_in"), (smtplib.SMTPSenderRefused(550, b"no", "a@b.example"), "refused"),
        (FileNotFoundError("password"), "other"),
    ],
)  # fmt: skip
def test_a_test_mail_says_what_went_wrong(firm, monkeypatch, cause, reason):
    throttle._counts.clear()
    settings = replace(read_settings(), smtp_host="mail.example", smtp_sender="kanzlei@firma.example")

    def broken(_: object) -> None:
        raise cause

    monkeypatch.setattr("core.mail.smtp._server", broken)
    with pytest.raises(AppError) as failed:
        send_test_mail(Viewer.staff(firm.owner), settings)
    assert reason_of(failed.value) == reason
    for code in ("de", "en"):
        with speaking(code):
            assert "mail.example" in t(f"settings.mail_why_{reason}", host="mail.example", port=587)
