"""Identity providers on this machine: the real one of npm, and one that can be made to say anything wrong."""

from __future__ import annotations

import json
import secrets
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from core.base.config import Settings, read_settings
from tests.servers import free_port

HERE = Path(__file__).parent


def configured(data: Path, issuer: str, secret: str, public_url: str) -> Settings:
    """The settings of an installation with that provider; they also stand in its ``kundenblick.toml``."""
    data.mkdir(parents=True, exist_ok=True)
    file = data.parent / "oidc-secret"
    file.write_text(secret + "\n", "utf-8")
    file.chmod(0o600)
    values = {
        "oidc_issuer": issuer,
        "oidc_client_id": "kundenblick",
        "oidc_client_secret_file": str(file),
        "oidc_name": "Kanzlei-Login <b>",
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in (values | {"public_url": public_url}).items()]
    (data / "kundenblick.toml").write_text("\n".join(lines), "utf-8")
    return read_settings({"KUNDENBLICK_DATA": str(data)})


class RealProvider:
    """oidc-provider under node, for the callbacks of these installations."""

    def __init__(self, *public_urls: str) -> None:
        self.port, self.secret, self.public_urls = free_port(), secrets.token_urlsafe(32), public_urls
        self.issuer = f"http://localhost:{self.port}"
        self.start()

    def start(self) -> None:
        assert (HERE / "node_modules").exists(), "make setup-test installs the provider of the tests"
        command = ["node", "provider.mjs", str(self.port), self.secret, *(f"{url}/auth/oidc/callback" for url in self.public_urls)]
        self.process = subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()


class _Form(HTMLParser):
    """Where the form of a page leads, and its hidden fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.fields = "", {}
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        given = dict(attributes)
        if tag == "form":
            self.action = given["action"]
        elif tag == "input" and given.get("type") == "hidden":
            self.fields[given["name"]] = given["value"]


class AsksWho(Exception):
    """The provider wants to know who it is."""


def _walk(browser: httpx.Client, where: str, back: str, typed: dict[str, str] | None) -> str:
    """Follow the provider, its forms filled in, until it sends the browser back. Raises AsksWho for a form with nothing to type."""
    method, fields = "GET", None
    for _ in range(12):
        if where.startswith(back):
            return where
        answer = browser.request(method, where, data=fields)
        if answer.is_redirect:
            method, fields, where = "GET", None, urljoin(where, answer.headers["location"])
            continue
        assert answer.status_code == 200, answer.text
        if typed is None:
            raise AsksWho
        form = _Form(answer.text)
        method, where, fields = "POST", urljoin(where, form.action), form.fields | typed
    raise AssertionError(where)


def sign_in_at(where: str, login: str | None, back: str, browser: httpx.Client | None = None) -> str:
    """What a person does at the real provider: their name typed in. Returns the address the browser is sent back to.

    Raises AsksWho where nothing is typed and the provider does not know the ``browser``.
    """
    typed = None if login is None else {"login": login, "password": "any"}
    if browser is not None:
        return _walk(browser, where, back, typed)
    with httpx.Client(timeout=30) as fresh:
        return _walk(fresh, where, back, typed)


def sign_out_at(where: str, back: str, browser: httpx.Client) -> str:
    """What a person does at the real provider who means it. Returns the address the browser is sent back to."""
    return _walk(browser, where, back, {"logout": "yes"})


@cache
def key(whose: str) -> RSAKey:
    """A key of its own for each name; all call themselves the same."""
    return RSAKey.generate_key(2048, {"kid": "ours"})


class Liar:
    """A provider whose token says whatever a test wants it to say; ``claims`` and ``key`` are the lies."""

    def __init__(self) -> None:
        self.key, self.claims, self.header, self.extra = key("ours"), {}, {}, {}
        self.signed_with, self.nonce, self.asked = self.key, "", []

    def token(self) -> str:
        moment = int(time.time())
        honest = {
            "iss": self.issuer, "aud": "kundenblick", "sub": "1", "iat": moment, "exp": moment + 300, "nonce": self.nonce,
            "email": "owner@kanzlei.example", "email_verified": True,
        }  # fmt: skip
        said = {key: value for key, value in (honest | self.claims).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "ours"} | self.header, said, self.signed_with, algorithms=["RS256", "HS256", "none"])

    def answer(self, path: str) -> dict:
        if path == "/.well-known/openid-configuration":
            places = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "keys", "userinfo_endpoint": "me"}
            return {"issuer": self.issuer} | {key: f"{self.issuer}/{place}" for key, place in places.items()} | self.extra
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        return {"id_token": self.token(), "access_token": "x", "token_type": "Bearer"} if path == "/token" else {}


@contextmanager
def liar() -> Iterator[Liar]:
    """A lying provider, as long as the block lasts."""
    lying = Liar()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            lying.asked.append((self.path, parse_qs(content), self.headers.get("authorization")))
            said = json.dumps(lying.answer(urlsplit(self.path).path)).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        lying.issuer = f"http://localhost:{served.server_port}"
        thread = threading.Thread(target=served.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield lying
        finally:
            served.shutdown()
            thread.join()
