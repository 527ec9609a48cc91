"""Settings: read once, from defaults, then ``kundenblick.toml``, then ``KUNDENBLICK_*``, then the command line."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from core.errors import Misconfigured

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Settings:
    """How this installation runs; every field can stand in ``kundenblick.toml`` under its name.

    Durations are minutes or hours as their names say, sizes MiB.
    """

    data: Path = ROOT / "data"
    address: str = "127.0.0.1"
    port: int = 8501
    public_url: str = ""
    session_idle_minutes: int = 30
    session_hours: int = 10
    portal_idle_minutes: int = 15
    memory_limit_mib: int = 4096
    threads: int = 0
    tidy_at_hour: int = 3
    log_level: str = "INFO"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password_file: str = ""
    smtp_sender: str = ""

    @property
    def database(self) -> Path:
        return self.data / "kundenblick.duckdb"

    @property
    def documents(self) -> Path:
        return self.data / "documents"

    @property
    def photos(self) -> Path:
        return self.data / "photos"

    @property
    def secure_cookies(self) -> bool:
        """True when people reach the installation over https."""
        return self.public_url.startswith("https://")


def read_settings(environ: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """The settings of this installation.

    Raises Misconfigured naming the place, the key and the value expected.
    """
    settings = Settings()
    if where := overrides.get("data") or environ.get("KUNDENBLICK_DATA"):
        settings = replace(settings, data=Path(str(where)).expanduser().resolve())
    known = {f.name: type(getattr(settings, f.name)) for f in fields(Settings)}

    file = settings.data / "kundenblick.toml"
    if file.exists():
        try:
            values = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise Misconfigured("config_unreadable", place=file.name, reason=str(problem)) from None
        values.pop("data", None)
        settings = _apply(settings, values, known, place=str(file.name))

    named = {
        key.removeprefix("KUNDENBLICK_").lower(): value
        for key, value in environ.items()
        if key.startswith("KUNDENBLICK_") and key != "KUNDENBLICK_DATA"
    }
    settings = _apply(settings, named, known, place="KUNDENBLICK_*")
    overrides.pop("data", None)
    return _apply(settings, overrides, known, place="command line")


def _apply(settings: Settings, values: Mapping[str, object], known: dict[str, type], place: str) -> Settings:
    accepted = {}
    for key, value in values.items():
        if key not in known:
            raise Misconfigured("config_unknown_key", place=place, key=key, known=", ".join(sorted(known)))
        kind = known[key]
        try:
            accepted[key] = int(value) if kind is int else str(value)
        except (TypeError, ValueError):
            raise Misconfigured("config_bad_value", place=place, key=key, value=value, expected="123") from None
        if kind is int and accepted[key] < 0:
            raise Misconfigured("config_bad_value", place=place, key=key, value=value, expected=">= 0")
    return replace(settings, **accepted)
