"""Mail comes in from files and a real mailbox: only of people who are switched on, once, with its conversation and its attachments."""

from __future__ import annotations

import mailbox
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from core.imports.mail_in import take
from core.imports.mail_in.files import mails_of
from core.imports.mail_in.parse import read_head, read_rest
from core.imports.mail_in.plain_text import plain_text
from core.imports.mail_in.take import take_files
from core.operations.doctor import examine
from core.store import now, reader, writer
from tests.test_import_words import SYSTEM, rows

ME, FIRM, STRANGER = "maria@mueller.example", "assigned@kanzlei.example", "fremd@anderswo.example"
CANARY = "GEHEIMWORT-4711"


def mail(number: int, *, sender=ME, to=FIRM, cc="", text="Guten Tag", subject="", answers=(), files=(), html="", minutes=0) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject or f"Betreff {number}"
    if cc:
        made["Cc"] = cc
    made["Date"] = format_datetime(now().replace(microsecond=0) - timedelta(days=2, minutes=-minutes - number))
    made["Message-ID"] = f"<m{number}@mail.example>"
    if answers:
        made["In-Reply-To"], made["References"] = f"<m{answers[-1]}@mail.example>", " ".join(f"<m{n}@mail.example>" for n in answers)
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made


@pytest.fixture
def on(firm, settings):
    """Email sync is on for the one address of the client."""
    key = {"account_id": firm.own, "contact_id": firm.contact, "contact_email_id": firm.address}
    with writer(SYSTEM) as tx:
        tx.update("email_access", key, email_sync=True)
    return key


@pytest.fixture
def brought(firm, settings, on, tmp_path):
    """Take in mails as one file each; returns what became of them."""

    def bring(*mails, dry_run=False):
        folder = tmp_path / "post"
        folder.mkdir(exist_ok=True)
        for place, each in enumerate(mails):
            (folder / f"{place:03d}.eml").write_bytes(each if isinstance(each, bytes) else each.as_bytes())
        taken = take_files(settings, [folder], lambda _: None, dry_run=dry_run)
        for file in folder.iterdir():
            file.unlink()
        return taken

    return bring


@contextmanager
def killed_at(mail_number: int):
    """Let the taking end within the transaction of this mail, as a kill would."""
    real, calls = take.thread_of, []

    def stops(*given):
        calls.append(1)
        if len(calls) == mail_number:
            raise KeyboardInterrupt
        return real(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(take, "thread_of", stops)
        yield


def emails() -> list[dict]:
    return sorted(rows("email"), key=lambda row: (row["sent_at"], row["email_id"]))


def test_only_mail_of_who_is_switched_on_is_stored_and_nothing_of_strangers_anywhere(brought, firm, settings):
    before, ill = len(emails()), list(examine(settings))
    ours = mail(1, text="Die Belege.", files=[("Beleg März.pdf", b"%PDF-1.4 eins")])
    theirs = mail(2, sender=STRANGER, text=CANARY, files=[(f"{CANARY}.txt", CANARY.encode())])
    hidden = mail(3, sender=f'"{ME}" <{STRANGER}>', text=CANARY)
    answer = mail(4, sender=FIRM, to=f"Maria <{ME}>", cc="chef@firma.example", answers=(1,))
    rehearsed = brought(ours, theirs, hidden, answer, dry_run=True)
    assert (rehearsed.mails, rehearsed.counts["aside"]) == (2, 2) and len(emails()) == before
    taken = brought(ours, theirs, hidden, answer)
    assert (taken.mails, taken.documents, taken.counts["aside"], taken.clients) == (2, 1, 2, {firm.own})
    first, second = (row for row in emails() if row["message_id"])
    assert (first["direction"], first["subject"], first["body"]) == ("received", "Betreff 1", "Die Belege.")
    assert (second["direction"], second["to_address"], second["cc_address"]) == ("sent", f"Maria <{ME}>", "chef@firma.example")
    assert first["thread"] == second["thread"] == "m1@mail.example"
    [document] = [row for row in rows("document") if row["sha256"]]
    assert (document["name"], document["is_from_client"], document["contact_id"]) == ("Beleg März.pdf", True, firm.contact)
    assert (settings.documents / document["file"]).read_bytes() == b"%PDF-1.4 eins"
    again = brought(ours, theirs, hidden, answer)
    assert (again.mails, again.known, again.documents) == (0, 2, 0)
    held = [path for path in settings.data.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert held == [], "nothing a stranger wrote is on the disk"
    assert list(examine(settings)) == ill


def test_what_is_switched_off_between_two_takings_is_left_out_and_what_is_there_stays(brought, on):
    brought(mail(1))
    with writer(SYSTEM) as tx:
        tx.update("email_access", on, email_sync=False)
    taken = brought(mail(2))
    assert taken.mails == 0 and len([row for row in emails() if row["message_id"]]) == 1


def test_a_late_mail_joins_two_conversations_in_any_order_of_arrival(brought):
    for order in ((1, 3, 2), (3, 2, 1), (2, 1, 3)):
        with writer(SYSTEM) as tx:
            for row in emails():
                if row["message_id"]:
                    tx.delete("email", row["email_id"])
            tx.execute("DELETE FROM mail_thread")
        made = {1: mail(1), 2: mail(2, answers=(1,)), 3: mail(3, answers=(2,))}
        for number in order:
            brought(made[number])
        assert len({row["thread"] for row in emails() if row["message_id"]}) == 1, order


def test_one_mail_of_two_clients_is_each_ones_and_each_ones_attachment(brought, firm, settings):
    with writer(SYSTEM) as tx:
        contact = tx.insert("contact", name="Otto", created_at=now())
        address = tx.insert("contact_email", contact_id=contact, email="otto@leer.example", is_primary=True, created_at=now())
        tx.insert("account_contact", account_id=firm.empty, contact_id=contact, created_at=now())
        tx.insert("email_access", account_id=firm.empty, contact_id=contact, contact_email_id=address, email_sync=True)
    taken = brought(mail(1, to=f"{FIRM}, otto@leer.example", files=[("a.txt", b"eins"), ("b.txt", b"eins")]))
    assert (taken.mails, taken.documents, taken.clients) == (2, 2, {firm.own, firm.empty})
    files = {row["file"] for row in rows("document") if row["sha256"]}
    assert len(files) == 2 and all((settings.documents / file).read_bytes() == b"eins" for file in files)


def test_an_mbox_is_split_at_heads_alone(brought, settings, tmp_path):
    box = mailbox.mbox(tmp_path / "alt.mbox")
    text = "Hallo\n\nFrom Montag bis Mittwoch 2026 bin ich da.\nFrom eins zwei 2026\n"
    for number in range(3):
        message = mailbox.mboxMessage(mail(number, text=text))
        message.set_flags("RO" if number else "O")
        box.add(message)
    box.flush()
    raw = (tmp_path / "alt.mbox").read_bytes().replace(b">From", b"From")
    (tmp_path / "alt.mbox").write_bytes(raw)
    assert [found.is_read for found in mails_of(tmp_path / "alt.mbox")] == [False, True, True]
    taken = take_files(settings, [tmp_path / "alt.mbox"], lambda _: None)
    assert taken.mails == 3
    mine = [row for row in emails() if row["message_id"]]
    assert [row["is_read"] for row in mine] == [False, True, True] and all("From Montag" in row["body"] for row in mine)


HEAD = b"From: maria@mueller.example\r\nTo: x@y.example\r\nMessage-ID: <h@x>\r\nDate: Mon, 1 Dec 2025 09:00:00 +0100\r\n"


@pytest.mark.parametrize("raw, body", [
    (HEAD + b"Content-Type: text/plain; charset=utf-99\r\n\r\nGr\xfc\xdfe", "Grüße"),
    (HEAD + b"Content-Type: text/html\r\n\r\n<style>x</style><p>Gru&szlig;</p><a href='https://a.example/x'>hier</a><script>1</script>", "Gruß\nhier <https://a.example/x>"),
    (HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\nkaputt", ""),
    (HEAD + b"Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n!!!", None),
    (HEAD.replace(b"<h@x>", b"") + b"Subject: =?utf-8?b?w5xi?=\r\n =?kaputt?q?x?=\r\n\r\nText\x00\x1b", None),
    (HEAD + b"Content-Type: multipart/x; boundary=\"\"\r\n\r\n--\r\n\r\n", None),
])  # fmt: skip
def test_a_mail_that_is_no_good_one_is_read_as_far_as_it_goes(raw, body):
    found = read_head(raw)
    read_rest(found, raw)
    assert found.participants == {ME, "x@y.example"} and found.sent_at is not None
    assert body is None or found.body == body
    assert not set("\x00\x1b") & set(found.body + found.subject)


def test_raw_umlauts_and_impossible_days_and_ids(brought):
    raw = HEAD.replace(b"maria@", "Müller, Maria <maria@".encode("cp1252")).replace(b"mueller.example\r", b"mueller.example>\r")
    found = read_head(raw.replace(b"1 Dec 2025", b"31 Feb 2025") + b"Received: by x; Mon, 1 Dec 2025 10:00:00 +0100\r\n\r\n")
    assert found.participants == {ME, "x@y.example"} and str(found.sent_at) == "2025-12-01 09:00:00"
    without = raw.replace(b"<h@x>", b"")
    assert (
        read_head(without + b"\r\nText").message_id
        == read_head(without + b"\r\nText").message_id
        != read_head(without + b"\r\nAnders").message_id
    )
    nowhen = mail(9)
    del nowhen["Date"]
    taken = brought(nowhen)
    assert (taken.mails, taken.counts["undated"]) == (0, 1)


def test_a_mail_of_many_parts_and_recipients_and_a_nested_one(brought, settings):
    many = mail(1, to=", ".join(f"a{n}@viele.example" for n in range(500)), files=[(f"{n}.txt", str(n).encode()) for n in range(150)])
    inner = mail(2, sender=STRANGER, subject="../../etc/passwd", files=[("x.pdf", b"%PDF-1.4")])
    outer = mail(3)
    outer.add_attachment(inner)
    taken = brought(many, outer)
    assert (taken.mails, taken.documents) == (2, 101)
    first = next(row for row in emails() if row["subject"] == "Betreff 1")
    assert first["to_address"].endswith(" + 400") and "[50 weitere Anhänge" in first["body"]
    names = {row["name"] for row in rows("document") if row["sha256"]}
    assert "passwd.eml" in names and not any("/" in name for name in names)


def test_killed_between_two_pieces_nothing_is_there_twice_and_no_file_without_its_row(brought, settings, monkeypatch):
    monkeypatch.setattr(take, "MAILS_AT_ONCE", 2)
    mails = [mail(number, files=[(f"{number}.txt", f"Anhang {number}".encode())]) for number in range(6)]
    with killed_at(4), pytest.raises(KeyboardInterrupt):
        brought(*mails)
    assert len([row for row in emails() if row["message_id"]]) == 2
    brought(*mails)
    files = {row["file"] for row in rows("document") if row["sha256"]}
    assert len([row for row in emails() if row["message_id"]]) == len(files) == 6
    assert {path.name for path in settings.documents.iterdir()} == files


def test_html_is_text_whatever_it_holds():
    assert plain_text("<table><tr><td>a<td>b</tr></table><p>c<br>d</p>") == "a b\n\nc\nd"
    assert plain_text("<a href='javascript:x'>y</a><img src=http://t.example/p>") == "y"
    assert plain_text("<p>" * 10_000 + "x") == "x"
    assert plain_text("a<!-- b --><style>c{}</style><script>d()</script>e") == "ae"


def test_the_record_names_the_program_and_what_nobody_read_in_the_mailbox_is_unread(settings, on, firm, tmp_path):
    with reader(SYSTEM) as r:
        unread = r.value("SELECT unread_count FROM account_figure WHERE account_id = $id", id=firm.own)
    for place, each in (("new", mail(1)), ("cur", mail(2))):
        (tmp_path / "box" / place).mkdir(parents=True)
        (tmp_path / "box" / place / f"{place}:2,S").write_bytes(each.as_bytes())
    assert take_files(settings, [tmp_path / "box"], lambda _: None).mails == 2
    with reader(SYSTEM) as r:
        said = r.rows(
            "SELECT DISTINCT actor_kind, through FROM audit_entry WHERE entity = 'email' AND action = 'created' AND through = 'mail'"
        )
        assert said == [{"actor_kind": "system", "through": "mail"}]
        assert r.value("SELECT unread_count FROM account_figure WHERE account_id = $id", id=firm.own) == 1 + unread
