"""The command line, alone and beside the one that has the store open."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from core.base.config import read_settings
from core.base.rights import Viewer
from core.i18n import LANGUAGES, speaking
from core.operations import background, control_socket
from core.operations.all_commands import COMMANDS
from core.operations.cli import build, every_command
from core.operations.command_registry import Command
from core.operations.installation import open_installation
from core.store import close_store, now, reader
from tests import forked
from tests.servers import Server, free_port

ROOT = Path(__file__).parents[1]
PASSWORD = "eine-laterne-im-regen"


@pytest.fixture
def settings(tmp_path):
    # A folder whose socket's path is longer than an address may be.
    return read_settings({"KUNDENBLICK_DATA": str(tmp_path / ("long-" * 20) / "data")})


@pytest.fixture
def serving(settings):
    close_store()
    open_installation(settings)
    with background.serve(settings):
        yield
    close_store()


def core(settings, *words: str, language: str = "C", put_in: str = "") -> subprocess.CompletedProcess:
    environ = os.environ | {"KUNDENBLICK_DATA": str(settings.data), "LANG": language}
    return forked.run(["-m", "core", *words], environ, put_in)


def team(settings) -> None:
    assert core(settings, "user", "add", "Olga", "olga@kanzlei.de", "--role", "owner", "--password-stdin", put_in=PASSWORD).returncode == 0
    mapping = ROOT / "tests" / "data" / "northwind" / "northwind.toml"
    done = core(settings, "import", str(mapping))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Taken over.")
    assert core(settings, "user", "add", "Emil", "emil@kanzlei.de", "--password-stdin", put_in=PASSWORD).returncode == 0
    assert core(settings, "user", "rights", "emil@kanzlei.de", "see_invoices", "analyse").returncode == 0
    assert core(settings, "user", "assign", "emil@kanzlei.de", "ALFKI").returncode == 0
    listed = core(settings, "user", "list").stdout
    assert "employee\tEmil\temil@kanzlei.de\tanalyse, see_invoices" in listed
    refused = core(settings, "user", "deactivate", "olga@kanzlei.de")
    assert refused.returncode == 1
    assert "owner" in refused.stdout
    assert "Everything agrees." in core(settings, "doctor").stdout
    assert "91 Kunden" in core(settings, "status", language="de_DE.UTF-8").stdout
    assert core(settings, "tidy").returncode == 0
    taken = core(settings, "export", str(settings.data.parent / "out"), "--csv")
    assert taken.returncode == 0 and "account: 91 rows" in taken.stdout
    assert (settings.data.parent / "out" / "account.csv").read_text().startswith('"account_id","number","name"')
    saved = core(settings, "backup")
    assert saved.returncode == 0 and "91 clients" in saved.stdout and str(settings.backups) in saved.stdout


def test_commands_without_a_server(settings):
    team(settings)
    assert not (settings.data / control_socket.SOCKET_NAME).exists()


def test_commands_while_somebody_serves(settings, serving):
    assert stat.S_IMODE((settings.data / control_socket.SOCKET_NAME).stat().st_mode) == 0o600
    team(settings)
    demo = core(settings, "demo")
    assert demo.returncode == 1
    assert str(os.getpid()) in demo.stderr


def test_the_sample_firm_is_as_of_now_and_built_once(settings):
    began = now()
    assert core(settings, "demo", "--if-empty").returncode == 0
    open_installation(settings)
    with reader(Viewer.system("tests")) as r:
        newest = r.value("SELECT max(uploaded_at) FROM document")
        assert r.value("SELECT count(*) FROM account") == 120
    close_store()
    assert began - timedelta(days=3) < newest <= now()
    assert core(settings, "demo", "--if-empty").stdout == ""
    assert core(settings, "demo").returncode == 1


def test_ctrl_c_says_that_the_server_goes_on(settings, serving, monkeypatch):
    begun, goes_on, done = threading.Event(), threading.Event(), threading.Event()

    def slow(_, say) -> int:
        say("begun")
        begun.set()
        goes_on.wait(30)
        done.set()
        return 0

    monkeypatch.setitem(COMMANDS, "status", Command(("status",), slow))
    environ = os.environ | {"KUNDENBLICK_DATA": str(settings.data), "LANG": "C"}
    # Whoever runs the tests in the background has SIGINT ignored, and a child would inherit that.
    command = ["env", "--default-signal=INT", sys.executable, "-m", "core", "status"]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout.readline() == "begun\n" and begun.wait(30)
        asking.send_signal(signal.SIGINT)
        assert "the server still finishes the command" in asking.stdout.read()
    assert asking.returncode == 130
    goes_on.set()
    assert done.wait(30)


def test_the_socket_goes_with_the_server(settings):
    open_installation(settings)
    with background.serve(settings):
        assert (settings.data / control_socket.SOCKET_NAME).exists()
    assert not (settings.data / control_socket.SOCKET_NAME).exists()
    close_store()


def test_a_stale_socket_is_no_server(settings):
    settings.data.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as left, control_socket.socket_address(settings) as address:
        left.bind(address)
    assert core(settings, "status").returncode == 0


def test_nonsense_on_the_socket_ends_in_an_answer(settings, serving):
    for sent in (b"\n", b"{}\n", b'{"command": "rm", "arguments": {}}\n', b'{"command": "status", "arguments": {"x": 1}}\n', b"\xff\xfe\n"):
        with socket.socket(socket.AF_UNIX) as asking, control_socket.socket_address(settings) as address:
            asking.connect(address)
            asking.sendall(sent)
            with asking.makefile("rb") as answer:
                assert answer.readlines()[-1] == b'{"exit": 1}\n'


def test_a_server_does_no_local_command(settings, serving):
    said: list[str] = []
    for name in ("demo", "backups", "restore_backup", "backup_key"):
        assert COMMANDS[name].is_local
        assert (control_socket.ask(settings, name, {}, said.append), said) == (1, [])


def test_a_weak_password_is_refused_in_words(settings):
    refused = core(settings, "user", "add", "Olga", "olga@kanzlei.de", "--password-stdin", put_in="kurz")
    assert refused.returncode == 1
    assert "12" in refused.stdout


def test_help_in_both_languages(settings):
    for language in LANGUAGES:
        with speaking(language):
            assert build(every_command()).registered_commands
    assert "Rechte" in core(settings, "user", "--help", language="de_DE.UTF-8").stdout


def test_every_command_takes_what_json_carries():
    assert {"import_mapping", "tidy_tables", "examine", "status", "user_add", "user_list"} <= COMMANDS.keys()


def test_the_first_owner_made_by_the_command_names_the_firm(settings):
    empty = core(settings, "user", "add", "Emil", "emil@kanzlei.de", "--password-stdin", put_in=PASSWORD)
    assert "firm" not in empty.stdout
    assert "no active owner" in core(settings, "doctor").stdout
    made = core(settings, "user", "add", "Olga", "olga@kanzlei.de", "--role", "owner", "--password-stdin", put_in=PASSWORD)
    assert "The firm is now called “Olga's firm”" in made.stdout
    assert "Everything agrees." in core(settings, "doctor").stdout
    again = core(
        settings, "user", "add", "Otto", "otto@kanzlei.de", "--role", "owner", "--firm", "Otto KG", "--password-stdin", put_in=PASSWORD
    )
    assert again.returncode == 0 and "called “Olga's firm” already" in again.stdout
    assert "“Kanzlei Olga”" in core(settings, "firm", "Kanzlei Olga").stdout
    assert core(settings, "firm", " ").returncode == 1


@pytest.mark.parametrize(("language", "said"), [("de_DE.UTF-8", "ist kein Ordner"), ("en_GB.UTF-8", "is no folder")])
@pytest.mark.parametrize("below", ["", "data"])
def test_a_data_folder_that_is_a_file_is_said_in_words(tmp_path, language, said, below):
    (tmp_path / "file").touch()
    for command in ("serve", "status"):
        done = core(read_settings({"KUNDENBLICK_DATA": str(tmp_path / "file" / below)}), command, language=language)
        assert done.returncode == 1
        assert said in done.stdout + done.stderr and "Traceback" not in done.stderr


def test_the_interpreter_alone_starts_the_server_and_ends_it(tmp_path):
    """The other tests start both as forks of a process that has read the modules; see ``tests.forked``."""
    port = free_port()
    environ = {"PATH": os.environ["PATH"], "KUNDENBLICK_DATA": str(tmp_path / "data")}
    command = [sys.executable, "-m", "core", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as serving:
        try:
            answer = wait_for_health(f"http://127.0.0.1:{port}")
        finally:
            serving.terminate()
            said = serving.communicate(timeout=30)[0]
    assert answer == 200 and "?first=" in said, said
    listed = subprocess.run([*command[:3], "user", "list"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (listed.returncode, listed.stderr) == (0, "")


@pytest.mark.parametrize(
    ("module", "left_out"),
    [("core.operations.cli", {"core.imports", "core.identity", "pyarrow"}), ("core.operations.background", {"core.sample", "faker"})],
)
def test_a_start_loads_nothing_it_does_not_need(module, left_out):
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout.split()
    assert module in loaded and not left_out & set(loaded)


def wait_for_health(url: str, seconds: float = 60) -> int | None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{url}/health", timeout=2).status_code
        time.sleep(0.1)
    return None


@pytest.mark.parametrize(("language", "said"), [("de_DE.UTF-8", "noch nicht eingerichtet"), ("en_GB.UTF-8", "is not set up yet")])
def test_what_the_server_prints_is_in_the_language_of_the_terminal(tmp_path, monkeypatch, language, said):
    monkeypatch.setenv("LANG", language)
    server = Server(tmp_path / "data")
    try:
        printed = tmp_path / "server.log"
        until = time.monotonic() + 30
        while "?first=" not in printed.read_text("utf-8") and time.monotonic() < until:
            time.sleep(0.1)
        assert said in printed.read_text("utf-8")
    finally:
        server.stop()


def test_a_call_that_cannot_be_understood_is_answered_in_one_language(settings):
    for words, said in (
        (("unsinn",), "Den Befehl „unsinn“ gibt es nicht."),
        (("serve", "--port", "abc"), "Der Wert für --port passt nicht."),
        (("user", "add"), "Es fehlt: name."),
        (("import",), "Nennen Sie eine Zuordnungsdatei"),
    ):
        done = core(settings, *words, language="de_DE.UTF-8")
        assert (done.returncode, done.stderr.startswith(said), done.stdout) == (2, True, ""), done.stderr
        assert "Was möglich ist, sagt: python -m core" in done.stderr
        assert not any(word in done.stderr for word in ("Usage", "Invalid", "Error", "help for"))
