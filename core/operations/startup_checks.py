"""Unsafe settings with which a server refuses to start; ``docs/configuration.md`` lists them with what to do."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from core.base.config import Settings
from core.base.errors import AppError
from core.i18n import t
from core.operations.backup.encryption import read_key

Danger = tuple[str, dict[str, object]]
# Environment of a server started by ``serve``. uvicorn trusts forwarded addresses from this machine unless the variable is set;
# which proxies are trusted is decided by the settings alone.
SERVER_ENVIRONMENT = {"FORWARDED_ALLOW_IPS": ""}
# Permissions a file with a secret must not have.
FORBIDDEN_MODE = 0o007
MIN_TOKEN_CHARS = 32


def dangers(settings: Settings, uid: int, started_by_us: bool = True) -> list[Danger]:
    """Return (code, values) of everything unsafe about these settings; the sentence is ``errors.unsafe_<code>``.

    Args:
        settings: The settings of this installation.
        uid: The user of the process.
        started_by_us: Whether ``python -m core serve`` started it.
    """
    return [
        *_of_the_network(settings),
        *_of_the_machine(settings, uid, started_by_us),
        *_of_mail(settings),
        *_of_provider(settings),
        *_of_backups(settings),
        *_of_scanner(settings),
        *_of_metrics(settings),
    ]


def refuse_dangers(settings: Settings) -> None:
    """Print everything unsafe about the settings and end the process; return if there is nothing."""
    started_by_us = SERVER_ENVIRONMENT.items() <= os.environ.items()
    if found := dangers(settings, os.geteuid(), started_by_us):
        print(t("errors.unsafe_start"), *(f"- {t(f'errors.unsafe_{code}', **values)}" for code, values in found), sep="\n", file=sys.stderr)
        raise SystemExit(1)


def for_others(settings: Settings) -> bool:
    """Return whether other machines can reach this installation."""
    return not is_loopback(settings.address) or (bool(settings.public_url) and not is_loopback(urlsplit(settings.public_url).hostname))


def is_loopback(host: str | None) -> bool:
    """Return whether a host name or address is this machine."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _of_the_network(settings: Settings) -> Iterator[Danger]:
    https, proxies = settings.secure_cookies, settings.trusted_proxies
    if not is_loopback(settings.address) and not (https and proxies) and not settings.plain_http:
        yield "open_address", {"address": settings.address}
    if settings.public_url and not https and not is_loopback(urlsplit(settings.public_url).hostname) and not settings.plain_http:
        yield "plain_url", {"url": settings.public_url}
    if proxies and not https and not settings.plain_http:
        yield "proxy_without_https", {}
    if https and not proxies:
        yield "https_without_proxy", {}
    for proxy in proxies:
        if ip_network(proxy).prefixlen == 0:
            yield "proxy_is_everybody", {"network": proxy}


def _of_the_machine(settings: Settings, uid: int, started_by_us: bool) -> Iterator[Danger]:
    if for_others(settings):
        if uid == 0:
            yield "root", {}
        if (settings.data / "sample-sign-ins.json").exists():
            yield "sample_firm", {"folder": settings.data}
        if not started_by_us:
            yield "other_start", {}
    if settings.data.is_dir() and settings.data.stat().st_mode & FORBIDDEN_MODE:
        yield "open_folder", {"folder": settings.data}


def _of_mail(settings: Settings) -> Iterator[Danger]:
    if bool(settings.smtp_host) != bool(settings.smtp_sender):
        yield "half_mail", {}
    if bool(settings.smtp_user) != bool(settings.smtp_password_file):
        yield "half_mail_user", {}
    if settings.smtp_password_file:
        yield from _of_secret("smtp_password_file", settings.smtp_password_file)
    if settings.smtp_user and settings.smtp_security == "none" and not is_loopback(settings.smtp_host):
        yield "plain_mail_password", {"host": settings.smtp_host}


def _of_provider(settings: Settings) -> Iterator[Danger]:
    given = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret_file)
    if any(given) and not settings.has_provider:
        yield "half_provider", {}
    if settings.oidc_issuer and not settings.oidc_issuer.startswith(("https://", "http://localhost:")):
        yield "plain_provider", {"issuer": settings.oidc_issuer}
    if settings.oidc_client_secret_file:
        yield from _of_secret("oidc_client_secret_file", settings.oidc_client_secret_file)


def _of_backups(settings: Settings) -> Iterator[Danger]:
    if settings.backup_key_file:
        found = list(_of_secret("backup_key_file", settings.backup_key_file))
        yield from found
        if not found and not _is_key(settings.backup_key_file):
            yield "no_key", {"file": settings.backup_key_file}


def _is_key(file: str) -> bool:
    try:
        return read_key(file) is not None
    except AppError:
        return False


def _of_scanner(settings: Settings) -> Iterator[Danger]:
    if settings.virus_scanner and not shutil.which(shlex.split(settings.virus_scanner)[0]):
        yield "no_scanner", {"command": settings.virus_scanner}


def _of_metrics(settings: Settings) -> Iterator[Danger]:
    if settings.metrics_token_file:
        found = list(_of_secret("metrics_token_file", settings.metrics_token_file))
        yield from found
        if not found and len(Path(settings.metrics_token_file).read_text("utf-8").strip()) < MIN_TOKEN_CHARS:
            yield "short_token", {"file": settings.metrics_token_file, "least": MIN_TOKEN_CHARS}


def _of_secret(key: str, name: str) -> Iterator[Danger]:
    file = Path(name)
    if not file.is_file() or not os.access(file, os.R_OK):
        yield "no_secret", {"key": key, "file": name}
    elif file.stat().st_mode & FORBIDDEN_MODE:
        yield "open_secret", {"key": key, "file": name}
