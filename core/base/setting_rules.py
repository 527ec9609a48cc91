"""Rules of settings: each takes the raw value and returns the accepted one, or raises Expected."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from ipaddress import ip_network
from urllib.parse import urlsplit

Rule = Callable[[object], object]


class Expected(ValueError):
    """The value does not fit; the sentence is ``errors.config_<code>``, filled with ``values``."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, values
        super().__init__(code)


def whole(low: int, high: int) -> Rule:
    """Return a rule: a whole number from ``low`` to ``high``, both included."""

    def rule(value: object) -> int:
        text = str(value).strip()
        if isinstance(value, bool) or not (text.isascii() and text.lstrip("-").isdecimal()) or not low <= int(text) <= high:
            raise Expected("bad_number", low=low, high=high)
        return int(text)

    return rule


def hour_or_off(value: object) -> str:
    """Accept an hour of the day (0 to 23), or ``off``."""
    given = str(value).strip().casefold()
    if given != "off" and not (not isinstance(value, bool) and given.isascii() and given.isdecimal() and int(given) <= 23):
        raise Expected("bad_hour")
    return given if given == "off" else str(int(given))


def one_of(*choices: str) -> Rule:
    """Return a rule: one of these words, in upper or lower case."""

    def rule(value: object) -> str:
        found = next((choice for choice in choices if choice.casefold() == str(value).strip().casefold()), None)
        if found is None:
            raise Expected("bad_choice", choices=", ".join(choices))
        return found

    return rule


def switch(value: object) -> bool:
    """Accept ``true`` and ``false``; in the environment also 1, yes, on and 0, no, off."""
    words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if str(value).strip().lower() not in words:
        raise Expected("bad_switch")
    return words[str(value).strip().lower()]


def text(value: object) -> str:
    """Accept one line of text."""
    if not isinstance(value, str) or "\n" in value or "\0" in value:
        raise Expected("bad_text")
    return value.strip()


def command_line(value: object) -> str:
    """Accept a command with its arguments, or nothing."""
    given = text(value)
    try:
        shlex.split(given)
    except ValueError:
        raise Expected("bad_command") from None
    return given


def web_address(value: object) -> str:
    """Accept scheme, host and perhaps a port, without a path; or nothing."""
    given = text(value).rstrip("/")
    if not given:
        return ""
    try:
        parts = urlsplit(given)
        well = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        well = False
    if not well or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise Expected("bad_web_address")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def networks(value: object) -> tuple[str, ...]:
    """Accept network addresses or networks: a list, or one text with commas."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise Expected("bad_networks")
    try:
        return tuple(str(ip_network(str(part).strip())).removesuffix("/32").removesuffix("/128") for part in given if str(part).strip())
    except ValueError:
        raise Expected("bad_networks") from None


# Type of a default → rule of a setting that declares none.
BY_TYPE: dict[type, Rule] = {int: whole(0, 2**31), str: text, bool: switch}
