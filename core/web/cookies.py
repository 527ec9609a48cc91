"""Cookies as a stranger may send them: read by splitting alone, and handed on only where nothing in them has to be unquoted.

``http.cookies`` takes seven seconds for 30 kB of backslashes on Python 3.11.7, and it runs on the event loop: in ours, in Starlette's and
in Streamlit's code. What it never sees cannot hold it up.
"""

from __future__ import annotations

import re

# All of a request's cookies together; browsers send a few hundred bytes of ours.
MAX_BYTES, MAX_COOKIES = 16 * 1024, 60
# A name as RFC 6265 has it, and a value without quotes and backslashes (cookie-octet).
_COOKIE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200})=([!#-+\x2d-:<-\[\]-~]{0,4096})")


def cookies_in(header: str) -> dict[str, str]:
    """Return the cookies of a header by name.

    The last of a name counts, as in Starlette; when it is written otherwise than ours are, none of that name does.
    """
    if len(header) > MAX_BYTES:
        return {}
    found: dict[str, str] = {}
    for part in header.split(";", MAX_COOKIES)[:MAX_COOKIES]:
        if told := _COOKIE.fullmatch(part.strip()):
            found[told[1]] = told[2]
        else:
            found.pop(part.partition("=")[0].strip(), None)
    return found


def plain_cookies(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a request with one cookie header at most, that holds nothing to unquote."""
    sent = [value for key, value in headers if key.lower() == b"cookie"]
    if not sent:
        return headers
    kept = cookies_in("; ".join(value.decode("latin-1") for value in sent))
    others = [(key, value) for key, value in headers if key.lower() != b"cookie"]
    return [*others, (b"cookie", "; ".join(f"{name}={value}" for name, value in kept.items()).encode("latin-1"))] if kept else others
