"""Settings from file, environment and command line; what is wrong is said with place, key and what is expected."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from core.base.config import RULES, Settings, read_settings
from core.base.errors import Misconfigured
from core.base.setting_rules import Expected
from core.i18n import LANGUAGES, sentence, speaking, t, words_of
from core.operations.backup.encryption import write_key
from core.operations.startup_checks import dangers

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "configuration.md").read_text("utf-8")
BEHIND = {"public_url": "https://firm.example", "trusted_proxies": "127.0.0.1"}


def read(tmp_path: Path, toml: str = "", **environ: str) -> Settings:
    data = tmp_path / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    (data / "kundenblick.toml").write_text(toml, "utf-8")
    return read_settings({"KUNDENBLICK_DATA": str(data)} | {f"KUNDENBLICK_{key.upper()}": value for key, value in environ.items()})


def test_the_later_place_wins(tmp_path):
    toml = 'port = 1001\nsession_hours = 9\ntrusted_proxies = ["127.0.0.1", "10.0.0.0/8"]\nplain_http = true\n'
    settings = read(tmp_path, toml, port="1002", log_level="debug", public_url="https://Firm.example/")
    assert (settings.port, settings.session_hours, settings.portal_idle_minutes) == (1002, 9, 15)
    assert (settings.trusted_proxies, settings.plain_http) == (("127.0.0.1", "10.0.0.0/8"), True)
    assert (settings.log_level, settings.public_url) == ("DEBUG", "https://firm.example")
    assert read_settings({}, port=1003).port == 1003


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("port", "hundert"), ("port", "0"), ("port", "70000"), ("session_hours", "1.5"), ("log_level", "LOUD"),
        ("plain_http", "perhaps"), ("public_url", "firm.example"), ("public_url", "https://firm.example/app"),
        ("public_url", "https://firm.example:x"), ("trusted_proxies", "localhost"), ("smtp_sender", "a\nb"), ("smtp_security", "ssl"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_value_is_said_with_its_place_key_and_what_is_expected(tmp_path, key, wrong, language):
    escaped = wrong.replace("\n", "\\n")
    for toml, environ, place in ((f'{key} = "{escaped}"', {}, "kundenblick.toml"), ("", {key: wrong}, f"KUNDENBLICK_{key.upper()}")):
        with pytest.raises(Misconfigured) as refused:
            read(tmp_path, toml, **environ)
        with speaking(language):
            said = sentence(refused.value)
        assert place in said and key in said and wrong in said and len(said.split({"de": "erwartet", "en": "expected"}[language])[1]) > 15


@pytest.mark.parametrize("toml", ["prot = 1", 'data = "/elsewhere"', "port = ", "port = true", "session_hours = 1.5"])
def test_what_cannot_be_read_or_is_unknown_names_the_file(tmp_path, toml):
    with pytest.raises(Misconfigured) as refused:
        read(tmp_path, toml)
    assert str(tmp_path / "data" / "kundenblick.toml") in sentence(refused.value)


def test_every_setting_is_explained():
    rows = {m[1]: m[2] for m in re.finditer(r"^\| `(\w+)` \| ([^|]+) \| [^|]{4,} \| [^|]{5,} \|$", DOCUMENT, re.MULTILINE)}
    assert list(rows) == [one.name for one in fields(Settings)]
    for name, rule in RULES.items():
        default = getattr(Settings(), name)
        written = str(default).lower() if isinstance(default, bool) else str(default) if default else "*empty*"
        assert rows[name].strip("` ") in (written, str(default)), name
        assert rule(default) == default, name


def test_every_refusal_has_its_sentence_and_its_line():
    asked = set(re.findall(r'yield "(\w+)"', (ROOT / "core/operations/startup_checks.py").read_text("utf-8")))
    said = {key.removeprefix("errors.unsafe_") for key in words_of("de") if key.startswith("errors.unsafe_")} - {"start"}
    assert asked == said == set(re.findall(r"^\| `(\w+)`:? ", DOCUMENT, re.MULTILINE)) - {one.name for one in fields(Settings)}
    codes = {f"errors.config_{code}" for code in re.findall(r'Expected\("(\w+)"', (ROOT / "core/base/setting_rules.py").read_text("utf-8"))}
    assert codes and codes <= set(words_of("de")) and issubclass(Expected, ValueError)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, set()),
        (BEHIND, set()),
        (BEHIND | {"address": "::"}, set()),
        ({"public_url": "http://localhost:8501"}, set()),
        ({"address": "::"}, {"open_address"}),
        ({"address": "10.1.2.3", "plain_http": "1"}, set()),
        ({"public_url": "http://firm.example"}, {"plain_url"}),
        ({"public_url": "https://firm.example"}, {"https_without_proxy"}),
        ({"trusted_proxies": "10.0.0.1"}, {"proxy_without_https"}),
        (BEHIND | {"trusted_proxies": "0.0.0.0/0"}, {"proxy_is_everybody"}),
        (BEHIND | {"trusted_proxies": "127.0.0.1,::/0"}, {"proxy_is_everybody"}),
        ({"smtp_host": "mail.example"}, {"half_mail"}),
        ({"smtp_host": "mail.example", "smtp_sender": "a@b.example", "smtp_user": "a"}, {"half_mail_user"}),
    ],
)
def test_dangerous_combinations_are_refused(tmp_path, changed, found):
    settings = read(tmp_path, **changed)
    assert {code for code, _ in dangers(settings, 1000)} == found


def test_root_the_sample_firm_and_another_start_are_refused_where_others_come(tmp_path):
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "sample-sign-ins.json").touch()
    assert dangers(read(tmp_path), 0, started_by_us=False) == []
    assert {code for code, _ in dangers(read(tmp_path, **BEHIND), 0, started_by_us=False)} == {"root", "sample_firm", "other_start"}


def test_a_scanner_that_is_not_there_and_a_key_that_is_none_are_said_at_the_start(tmp_path):
    none, key = tmp_path / "none", tmp_path / "key"
    none.write_text("kein Schluessel")
    none.chmod(0o600)
    write_key(key)
    for command in ("/nirgends/scanner -", "nirgends-ein-scanner", str(none)):
        [(code, values)] = dangers(read(tmp_path, virus_scanner=command), 1000)
        assert code == "no_scanner" and command in t("errors.unsafe_no_scanner", **values)
    [(code, values)] = dangers(read(tmp_path, backup_key_file=str(none)), 1000)
    assert code == "no_key" and "backup-key" in t("errors.unsafe_no_key", **values)
    assert dangers(read(tmp_path, virus_scanner=f"{sys.executable} -", backup_key_file=str(key)), 1000) == []


def test_secrets_and_the_data_folder_are_for_nobody_else(tmp_path):
    secret = tmp_path / "secret"
    mail = {"smtp_host": "mail.example", "smtp_sender": "a@b.example", "smtp_user": "a", "smtp_password_file": str(secret)}
    asked = {"metrics_token_file": str(secret)} | mail
    assert [code for code, _ in dangers(read(tmp_path, **asked), 1000)] == ["no_secret", "no_secret"]
    secret.write_text("short")
    secret.chmod(0o644)
    (tmp_path / "data").chmod(0o750)
    assert [code for code, _ in dangers(read(tmp_path, **asked), 1000)] == ["open_secret", "open_secret"]
    secret.chmod(0o640)
    assert [code for code, _ in dangers(read(tmp_path, **asked), 1000)] == ["short_token"]
    secret.write_text("0123456789abcdef" * 2)
    (tmp_path / "data").chmod(0o755)
    assert [code for code, _ in dangers(read(tmp_path, **asked, smtp_security="none"), 1000)] == ["open_folder", "plain_mail_password"]


def test_the_server_ends_with_all_that_speaks_against_it(tmp_path):
    environ = os.environ | {"KUNDENBLICK_DATA": str(tmp_path / "data"), "KUNDENBLICK_ADDRESS": "10.9.8.7", "LANG": "de_DE.UTF-8"}
    environ["KUNDENBLICK_SMTP_HOST"] = "mail.example"
    ran = subprocess.run(
        [sys.executable, "-m", "core", "serve"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 1 and "Der Server startet so nicht:" in ran.stderr
    assert all(word in ran.stderr for word in ("„address“ ist 10.9.8.7", "„smtp_sender“"))
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert not (tmp_path / "data" / "kundenblick.duckdb").exists()


def test_an_empty_folder_is_closed_to_others_and_one_in_use_is_left(tmp_path):
    from core.store.data_folder import prepare

    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    (folder / "README.md").touch()
    prepare(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    (folder / "something").touch()
    prepare(folder)
    assert folder.stat().st_mode & 0o777 == 0o755
