"""Read cookies by splitting alone, and hand on only those in which nothing has to be unquoted.

``http.cookies`` takes seven seconds for 30 kB of backslashes on Python 3.11.7, and runs on the event loop in Starlette's and
Streamlit's code: it never sees such a cookie.
"""

from __future__ import annotations

import re

# Of a request's cookies together; browsers send a few hundred bytes.
MAX_BYTES = 16 * 1024
MAX_COOKIES = 60
# Name and value (cookie-octet) of RFC 6265, section 4.1.1: no quotes, no backslashes.
_COOKIE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200})=([!#-+\x2d-:<-\[\]-~]{0,4096})")


def cookies_in(header: str) -> dict[str, str]:
    """Return the cookies of a header by name.

    The last cookie of a name counts, as in Starlette; if it has a quote or a backslash, none of that name counts.
    """
    if len(header) > MAX_BYTES:
        return {}
    found: dict[str, str] = {}
    for part in header.split(";", MAX_COOKIES)[:MAX_COOKIES]:
        if cookie := _COOKIE.fullmatch(part.strip()):
            found[cookie[1]] = cookie[2]
        else:
            found.pop(part.partition("=")[0].strip(), None)
    return found


def plain_cookies(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return a request's headers with at most one cookie header, in which nothing has to be unquoted."""
    sent = [value for key, value in headers if key.lower() == b"cookie"]
    if not sent:
        return headers
    plain = cookies_in("; ".join(value.decode("latin-1") for value in sent))
    others = [(key, value) for key, value in headers if key.lower() != b"cookie"]
    return [*others, (b"cookie", "; ".join(f"{name}={value}" for name, value in plain.items()).encode("latin-1"))] if plain else others
