"""Read the settings once: defaults, then ``kundenblick.toml``, then ``KUNDENBLICK_*`` variables, then the command line.

``docs/configuration.md`` explains every setting; a test compares.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from core.base.errors import Misconfigured
from core.base.setting_rules import BY_TYPE, Expected, Rule, command_line, hour_or_off, networks, one_of, web_address, whole

ROOT = Path(__file__).parents[2]


def setting(default: Any, rule: Rule) -> Any:
    """Declare a setting with a rule of its own; one without is checked by the type of its default."""
    return field(default=default, metadata={"rule": rule})


@dataclass(frozen=True)
class Settings:
    """The settings of one installation; each can be set in ``kundenblick.toml`` under its name.

    Durations are in minutes or hours, sizes in MiB, as the names say.
    """

    data: Path = ROOT / "data"
    address: str = "127.0.0.1"
    port: int = setting(8501, whole(1, 65535))
    public_url: str = setting("", web_address)
    trusted_proxies: tuple[str, ...] = setting((), networks)
    plain_http: bool = False
    session_idle_minutes: int = setting(30, whole(1, 240))
    session_hours: int = setting(10, whole(1, 24))
    portal_idle_minutes: int = setting(15, whole(1, 240))
    memory_limit_mib: int = setting(4096, whole(256, 2**22))
    threads: int = setting(0, whole(0, 1024))
    tidy_at_hour: int = setting(3, whole(0, 23))
    log_level: str = setting("INFO", one_of("DEBUG", "INFO", "WARNING", "ERROR"))
    log_format: str = setting("auto", one_of("auto", "json", "text"))
    metrics_token_file: str = ""
    smtp_host: str = ""
    smtp_port: int = setting(587, whole(1, 65535))
    smtp_security: str = setting("starttls", one_of("starttls", "tls", "none"))
    smtp_user: str = ""
    smtp_password_file: str = ""
    smtp_sender: str = ""
    mailboxes_file: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret_file: str = ""
    oidc_name: str = "OpenID Connect"
    oidc_leave: bool = True
    virus_scanner: str = setting("", command_line)
    backup_folder: str = ""
    backup_at_hour: str = setting("2", hour_or_off)
    backup_key_file: str = ""

    @property
    def database(self) -> Path:
        """The database file."""
        return self.data / "kundenblick.duckdb"

    @property
    def documents(self) -> Path:
        """The folder of documents' files."""
        return self.data / "documents"

    @property
    def photos(self) -> Path:
        """The folder of photos."""
        return self.data / "photos"

    @property
    def backups(self) -> Path:
        """The folder of backups that name no other."""
        return Path(self.backup_folder).expanduser() if self.backup_folder else self.data / "backups"

    @property
    def secure_cookies(self) -> bool:
        """Whether people reach the installation over https."""
        return self.public_url.startswith("https://")

    @property
    def has_provider(self) -> bool:
        """Whether the team can sign in by an identity provider of the firm (OpenID Connect)."""
        return all((self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret_file, self.public_url))


# Setting → its rule.
RULES: dict[str, Rule] = {
    each.name: each.metadata.get("rule") or BY_TYPE[type(each.default)] for each in fields(Settings) if each.name != "data"
}


def read_settings(environ: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """Return the settings of this installation.

    - ``overrides``: From the command line.

    Raises Misconfigured, which names the place, the key and the value expected.
    """
    settings = Settings()
    if where := overrides.pop("data", None) or environ.get("KUNDENBLICK_DATA"):
        settings = replace(settings, data=Path(str(where)).expanduser().resolve())

    file = settings.data / "kundenblick.toml"
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        values = {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Misconfigured("config_unreadable", place=file, reason=str(problem)) from None
    except OSError as problem:
        raise Misconfigured("config_unreadable", place=file, reason=problem.strerror) from None
    accepted: dict[str, Any] = {key: _accepted(key, value, str(file)) for key, value in values.items()}

    for name, value in environ.items():
        if name.startswith("KUNDENBLICK_") and name != "KUNDENBLICK_DATA":
            key = name.removeprefix("KUNDENBLICK_").lower()
            accepted[key] = _accepted(key, value, name)
    accepted |= {key: _accepted(key, value, "--" + key) for key, value in overrides.items()}
    return replace(settings, **accepted)


def base_url(settings: Settings) -> str:
    """Return the address this installation is reached at: the public one, else where its server listens."""
    return settings.public_url.rstrip("/") or f"http://{settings.address}:{settings.port}"


def _accepted(key: str, value: object, place: str) -> Any:
    """Return a value as its rule accepts it. Raises Misconfigured."""
    if key not in RULES:
        raise Misconfigured("config_unknown_key", place=place, key=key, known=", ".join(sorted(RULES)))
    try:
        return RULES[key](value)
    except Expected as expected:
        raise Misconfigured(f"config_{expected.code}", place=place, key=key, value=value, **expected.values) from None
