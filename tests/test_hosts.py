"""By which names the installation is reached: none of somebody else's, on a real server and as a rule."""

from __future__ import annotations

import socket
from dataclasses import replace

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core.base.config import Settings
from core.web.hosts import _own_names, answers_to

OPEN = Settings()
PUBLIC = replace(OPEN, public_url="https://kundenblick.firm.example")


@pytest.mark.parametrize(
    "host",
    ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "192.168.1.20:8501", "10.0.0.5", "[fe80::1]:8501", "kanzlei-pc:8501",
     "LOCALHOST", "localhost.:8501", "app.localhost", *sorted(_own_names())],
)  # fmt: skip
@pytest.mark.parametrize("settings", [OPEN, PUBLIC])
def test_this_machine_is_reached_by_its_own_names_and_addresses(settings, host):
    assert answers_to(host, settings)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "localhost.evil.example", "127.0.0.1.nip.io", "1.2.3.4.evil.example:8501", "", None, ":8501",
     "[::1", "kundenblick.firm.example.evil.example", "evil.example\n"],
)  # fmt: skip
@pytest.mark.parametrize("settings", [OPEN, PUBLIC])
def test_other_names_are_refused(settings, host):
    assert not answers_to(host, settings)


def test_the_configured_address_is_taken_and_only_there():
    assert answers_to("Kundenblick.firm.example", PUBLIC) and answers_to("kundenblick.firm.example:443", PUBLIC)
    assert not answers_to("kundenblick.firm.example", OPEN)
    assert answers_to("office.firm.example", replace(OPEN, address="office.firm.example"))


@pytest.mark.parametrize("path", ["/", "/overview?account=1", "/document/1", "/_stcore/health", "/static/index.html"])
def test_a_foreign_name_is_told_in_words_where_to_go(small_server, path):
    for language, word in (("de", "erreichbar"), ("en-GB", "does not answer")):
        answer = httpx.get(small_server.url + path, headers={"Host": "evil.example", "Accept-Language": language})
        assert (answer.status_code, word in answer.text) == (421, True)
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert httpx.post(f"{small_server.url}/search", headers={"Host": "evil.example", "Origin": "http://evil.example"}).status_code == 421
    assert httpx.get(f"{small_server.url}/health", headers={"Host": "evil.example"}).status_code == 200


def test_a_foreign_name_opens_no_socket_with_its_own_origin(small_server):
    """What DNS rebinding does: the page of evil.example asks its own name, which now leads here."""
    port = int(small_server.url.rsplit(":", 1)[1])

    def opened(name: str):
        here = socket.create_connection(("127.0.0.1", port))
        return connect(f"ws://{name}:{port}/_stcore/stream", sock=here, origin=f"http://{name}:{port}", subprotocols=["streamlit"])

    with pytest.raises(InvalidStatus) as refused:
        opened("evil.example")
    assert refused.value.response.status_code == 403
    for name in ("localhost", "127.0.0.1", "kanzlei-pc"):
        with opened(name):
            pass
