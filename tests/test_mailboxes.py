"""Mail is fetched from a real IMAP server: each once, nothing changed there, and every trouble with it said in words."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.base.errors import AppError, NotAllowed
from core.i18n import speaking
from core.imports.mail_in import mailboxes as boxes
from core.imports.mail_in import take
from core.imports.mail_in.mailboxes import Mailbox, fetch, fetch_all, mailboxes, states
from tests.test_import_words import SYSTEM, rows
from tests.test_mail_in import CANARY, FIRM, ME, STRANGER, emails, killed_at, mail, on  # noqa: F401 - a fixture

CONFIG = """
base_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 1
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
passdb {{
  driver = static
  args = password=geheim
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u
}}
mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
  separator = /
  mailbox "Gesendete Elemente & mehr" {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Weg {{
    auto = create
    special_use = \\Trash
  }}
  mailbox Archiv/2026 {{
    auto = create
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running IMAP server."""

    home: Path
    port: int

    def box(self, user: str) -> imaplib.IMAP4_SSL:
        box = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=ssl.create_default_context(cafile=self.home / "cert.pem"))
        box.login(user, "geheim")
        return box

    def put(self, user: str, folder: str, *mails, flags: str = "") -> None:
        box = self.box(user)
        for each in mails:
            assert box.append(f'"{folder}"', flags, None, each.as_bytes())[0] == "OK"
        box.logout()

    def account(self, user: str, **other: object) -> Mailbox:
        plain = boxes.Account("127.0.0.1", self.port, user, "geheim", ca_file=str(self.home / "cert.pem"))
        return Mailbox("kanzlei", replace(plain, **other))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def dovecot(tmp_path_factory):
    """Start Dovecot with a folder of its own, and end it."""
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    assert Path(program).exists(), "apt-get install dovecot-imapd"
    home, port = Path("/tmp") / f"dovecot-{free_port()}", free_port()  # noqa: S108 - a socket's path must be short
    home.mkdir(mode=0o755)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", home / "key.pem", "-out", home / "cert.pem"], check=True, capture_output=True,
    )  # fmt: skip
    is_root = os.geteuid() == 0
    user = "nobody" if is_root else pwd.getpwuid(os.geteuid()).pw_name
    group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
    (home / "mail").mkdir()
    (home / "conf").write_text(CONFIG.format(home=home, port=port, user=user, group=group))
    if is_root:
        shutil.chown(home / "mail", user, group)
    running = subprocess.Popen([program, "-F", "-c", home / "conf"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert running.poll() is None, running.stderr.read()
            time.sleep(0.1)
        yield Dovecot(home, port)
    finally:
        running.terminate()
        running.wait(10)
        shutil.rmtree(home, ignore_errors=True)


def mine() -> list[dict]:
    return [row for row in emails() if row["message_id"]]


def test_new_mail_comes_once_and_nothing_is_changed_in_the_mailbox(dovecot, settings, on):  # noqa: F811
    box = dovecot.account("eins")
    dovecot.put("eins", "INBOX", mail(1, files=[("a.pdf", b"%PDF-1.4")]), mail(2, sender=STRANGER, text=CANARY))
    dovecot.put("eins", "INBOX", mail(3), flags=r"\Seen")
    dovecot.put("eins", "Gesendete Elemente &- mehr", mail(4, sender="andere@sonstwo.example", to=ME))
    dovecot.put("eins", "Archiv/2026", mail(3), flags=r"\Seen")
    dovecot.put("eins", "Weg", mail(5))
    taken = fetch(settings, box)
    assert (taken.mails, taken.documents, taken.known, taken.counts["aside"]) == (3, 1, 1, 1)
    assert [(row["subject"], row["direction"], row["is_read"]) for row in mine()] == [
        ("Betreff 1", "received", False), ("Betreff 3", "received", True), ("Betreff 4", "sent", True),
    ]  # fmt: skip
    assert not any(CANARY.encode() in path.read_bytes() for path in settings.data.rglob("*") if path.is_file())
    server = dovecot.box("eins")
    server.select("INBOX", readonly=True)
    assert len(server.search(None, "UNSEEN")[1][0].split()) == 2, "as many are unread as before"
    server.logout()
    again = fetch(settings, box)
    assert (again.mails, again.counts["found"]) == (0, 0), "heads are read once"
    dovecot.put("eins", "INBOX", mail(6))
    later = fetch(settings, box)
    assert (later.mails, later.counts["found"]) == (1, 1)
    [state] = states(SYSTEM)
    assert (state.name, state.problem) == ("kanzlei", None)


def test_another_uidvalidity_and_a_kill_bring_nothing_twice(dovecot, settings, on, monkeypatch):  # noqa: F811
    dovecot.put("zwei", "INBOX", *(mail(number) for number in range(1, 8)))
    monkeypatch.setattr(take, "MAILS_AT_ONCE", 2)
    with killed_at(6), pytest.raises(KeyboardInterrupt):
        fetch(settings, dovecot.account("zwei"))
    assert len(mine()) == 4 and max(row["last_uid"] for row in rows("mail_folder")) == 4
    assert fetch(settings, dovecot.account("zwei")).counts["found"] == 3 and len(mine()) == 7
    server = dovecot.box("zwei")
    server.rename("INBOX", "Alt")  # the mails go along, and another inbox is there
    server.logout()
    dovecot.put("zwei", "INBOX", mail(8))
    taken = fetch(settings, dovecot.account("zwei"))
    assert (taken.mails, len(mine())) == (1, 8)


def test_more_than_one_go_takes_all(dovecot, settings, on, monkeypatch):  # noqa: F811
    dovecot.put("drei", "INBOX", *(mail(number) for number in range(1, 8)))
    monkeypatch.setattr(boxes, "MOST_AT_ONCE", 3)
    assert fetch(settings, dovecot.account("drei")).mails == 7


def test_every_trouble_is_said_in_words(dovecot, settings, on, monkeypatch):  # noqa: F811
    silent = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setattr("core.imports.mail_in.imap.TIMEOUT_S", 2)
    for code, other in (
        ("refused", {"secret": "falsch"}), ("unreachable", {"port": free_port()}), ("insecure", {"ca_file": ""}),
        ("insecure", {"host": "localhost"}), ("unreachable", {"port": silent.getsockname()[1]}), ("unreachable", {"host": "nirgendwo.invalid"}),
    ):  # fmt: skip
        with pytest.raises(AppError) as problem:
            fetch(settings, dovecot.account("vier", **other))
        assert problem.value.code == f"mailbox_{code}", other
        assert [(state.name, state.problem) for state in states(SYSTEM)] == [("kanzlei", code)]
    silent.close()
    with speaking("de"):
        monkeypatch.setattr(boxes, "mailboxes", lambda _: [dovecot.account("vier", secret="falsch")])
        said: list[str] = []
        assert not fetch_all(settings, said.append)
    assert said == ["kanzlei: Das Postfach hat Name oder Passwort nicht angenommen. Prüfen Sie beides, und ob IMAP dafür erlaubt ist."]
    fetch(settings, dovecot.account("vier"))
    assert [state.problem for state in states(SYSTEM)] == [None]


def test_the_file_of_mailboxes_is_read_or_said_what_is_wrong(settings, tmp_path):
    secret, file = tmp_path / "geheim", tmp_path / "mailboxes.toml"
    secret.write_text("wort\n")
    good = f'[[mailbox]]\nhost = "imap.kanzlei.example"\nuser = "post@kanzlei.example"\npassword_file = "{secret}"\n'
    asked = replace(settings, mailboxes_file=str(file))
    assert mailboxes(settings) == []
    file.write_text(good)
    [found] = mailboxes(asked)
    assert (found.name, found.account.port, found.account.secret, found.account.tls) == ("post@kanzlei.example", 993, "wort", True)
    for wrong in (good + "tls = false\n", good + "x = 1\n", good.replace("password_file", "passwort"), good + good, "[[mailbox", "a = 1"):
        file.write_text(wrong)
        with pytest.raises(AppError) as problem:
            mailboxes(asked)
        assert problem.value.code == "mailboxes_wrong", wrong
    file.write_text(good.replace("imap.kanzlei.example", "127.0.0.1") + "tls = false\n")
    assert mailboxes(asked)[0].account.tls is False


@pytest.mark.parametrize("who", ["everything", "portal"])
def test_how_mailboxes_stand_is_for_who_leads_the_firm(firm, who):
    assert states(firm.viewer("owner")) == []
    with pytest.raises(NotAllowed):
        states(firm.viewer(who))
