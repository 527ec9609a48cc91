"""Cookies of strangers: read at once whatever they are, and ours are found among them."""

from __future__ import annotations

import time

import httpx
import pytest

from core.web.cookies import cookies_in, plain_cookies

HOSTILE = [
    '"' + "\\" * 30_000,
    'a="' + "\\\\" * 15_000 + '"',
    'kundenblick="' + "\\" * 12_000 + '"',
    "; ".join(f'n{n}="\\{n}"' for n in range(3_000)),
    "=" * 30_000,
    ";" * 30_000,
    "kundenblick=\x01; \xff=\xfe",
]


@pytest.mark.parametrize("header", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_sent_takes_no_time_and_is_not_handed_on(header):
    began = time.thread_time()
    assert "kundenblick" not in cookies_in(header)
    handed_on = plain_cookies([(b"host", b"x"), (b"cookie", header.encode("latin-1"))])
    assert time.thread_time() - began < 0.2
    assert all(b"\\" not in value and b'"' not in value for _, value in handed_on)


def test_ours_are_found_in_every_writing():
    told = cookies_in("a=1; __Host-kundenblick=Ab_-9; _streamlit_xsrf=2|x|y|3; kundenblick=; b")
    assert told == {"a": "1", "__Host-kundenblick": "Ab_-9", "_streamlit_xsrf": "2|x|y|3", "kundenblick": ""}
    assert cookies_in("k=first; k=second")["k"] == "second"
    assert cookies_in("k=first; k=of somebody; b=1") == {"b": "1"}
    assert plain_cookies([(b"cookie", b"a=1"), (b"Cookie", b"b=2")]) == [(b"cookie", b"a=1; b=2")]
    assert plain_cookies([(b"host", b"x")]) == [(b"host", b"x")]


@pytest.mark.parametrize("header", HOSTILE[:3], ids=range(3))
def test_a_server_goes_on_answering(small_server, header):
    with httpx.Client(base_url=small_server.url, timeout=30) as client:
        plain = min(_seconds(client, {}) for _ in range(3))
        hostile = min(_seconds(client, {"Cookie": header}) for _ in range(3))
        assert hostile < 10 * plain + 0.2


def _seconds(client: httpx.Client, headers: dict[str, str]) -> float:
    began = time.perf_counter()
    client.get("/", headers=headers)
    client.get("/watch", headers=headers)
    return time.perf_counter() - began
