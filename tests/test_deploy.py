"""The files an installation is set up with: what checks them accepts them, and they say what the code says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from core.base.config import read_settings
from core.operations.backup.encryption import write_key
from core.operations.startup_checks import dangers

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs" / "deploy.md").read_text("utf-8")


def needs(program: str) -> str:
    found = shutil.which(program, path="/usr/bin:/usr/sbin:/bin:/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed here")
    return found


def ran(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_systemd_accepts_the_unit_and_finds_it_well_shut_in(tmp_path):
    analyze = needs("systemd-analyze")
    unit = tmp_path / "kundenblick.service"
    text = (DEPLOY / "kundenblick.service").read_text("utf-8")
    assert "ExecStart=/opt/kundenblick/.venv/bin/python -m core serve\n" in text and "User=kundenblick\n" in text
    unit.write_text(text.replace("/opt/kundenblick/.venv/bin/python", sys.executable).replace("/opt/kundenblick", str(ROOT)), "utf-8")
    assert ran(analyze, "verify", str(unit)) == ""
    told = ran(analyze, "security", "--offline=true", "--no-pager", str(unit))
    assert float(re.search(r"exposure level for \S+ ([\d.]+)", told)[1]) <= 2.0


def test_nginx_accepts_its_example(tmp_path):
    nginx, openssl = needs("nginx"), needs("openssl")
    ran(
        openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=firm.example",
        "-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem"),
    )  # fmt: skip
    site = (
        (DEPLOY / "nginx.conf").read_text("utf-8").replace("/etc/kundenblick/tls", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    )
    (tmp_path / "site.conf").write_text(site, "utf-8")
    whole = f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} http {{ access_log off; include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole, "utf-8")
    assert "test is successful" in ran(nginx, "-t", "-c", str(tmp_path / "nginx.conf"))


def test_caddy_accepts_its_example():
    assert "Valid configuration" in ran(needs("caddy"), "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile"))


def test_what_stands_in_front_overwrites_addresses_and_logs_no_questions():
    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert "X-Forwarded-For $remote_addr;" in nginx and "$proxy_add_x_forwarded_for" not in nginx
    log = re.search(r"log_format kundenblick '([^']*)'", nginx)[1]
    assert "$uri" in log and not re.search(r"\$(request|request_uri|args|query_string|http_referer)\b", log)
    assert not re.search(r"^\s*log\b", (DEPLOY / "Caddyfile").read_text("utf-8"), re.MULTILINE)


def test_the_container_holds_what_the_app_needs():
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    copied = set(re.findall(r"^COPY (.+) \./", text, re.MULTILINE))
    assert {name for line in copied for name in line.split()} >= {"app.py", "core", "pages", ".streamlit", "requirements.lock"}
    assert "--require-hashes" in text and "--require-hashes" in GUIDE
    assert text.index("USER kundenblick") < text.index("ENTRYPOINT") and text.count("VOLUME") == 1


def test_the_configuration_of_the_guide_is_one_the_server_starts_with(tmp_path):
    toml = re.search(r"kundenblick\.toml <<'END'\n(.*?)END\n", GUIDE, re.DOTALL)[1]
    write_key(tmp_path / "backup.key")
    (tmp_path / "metrics.token").write_text("0123456789abcdef" * 4)
    for name in ("backup.key", "metrics.token"):
        (tmp_path / name).chmod(0o640)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "kundenblick.toml").write_text(toml.replace("/etc/kundenblick", str(tmp_path)), "utf-8")
    assert set(tomllib.loads(toml)) >= {"public_url", "trusted_proxies", "backup_folder", "backup_key_file", "metrics_token_file"}
    assert dangers(read_settings({"KUNDENBLICK_DATA": str(data)}), 1000) == []
