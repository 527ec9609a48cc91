"""Ask the firm's identity provider who somebody is, and check its answer (OpenID Connect Core 1.0).

Authorization code flow with PKCE, state and nonce. The provider's tokens are thrown away: the session is Kundenblick's own.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from core.base.config import Settings
from core.base.expiring import Expiring
from core.base.tokens import hash_token
from core.identity.oidc_subject import Subject

# From the question until somebody has signed in at the provider.
SIGN_IN_TTL_S = 600
HTTP_TIMEOUT_S = 10
# Somebody who signs out waits for the provider no longer than this.
LOGOUT_TIMEOUT_S = 3
# How long the provider's description of itself is used.
METADATA_TTL_S = 3600
# Sign-ins under way, of all and of one network address; beyond, the oldest is forgotten.
MAX_ASKED = 10_000
MAX_ASKED_OF_ADDRESS = 50
# Signatures by a key that only the provider has: never "none", never by the secret both know.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
# Errors of a provider that cannot be reached or understood.
SILENCE = (requests.RequestException, OSError, ValueError, KeyError, TypeError, AttributeError)

JsonObject = dict[str, Any]


class ProviderSilent(Exception):
    """The provider cannot be reached or understood."""


class Refused(Exception):
    """The provider's answer is not accepted; the text is for the log and says nothing of the person."""


@dataclass(frozen=True)
class Asked:
    """A question under way, to be compared with the answer.

    Args:
        verifier: PKCE code verifier.
        browser: Hash of a cookie that only the asking browser has.
        address: Network address it was asked from.
        back_to: Where the person goes afterwards.
        since: Number of the last audit entry when it was asked.
    """

    verifier: str
    nonce: str
    browser: str
    address: str
    back_to: str
    since: int


@dataclass(frozen=True)
class Answer:
    """An accepted answer: the verified address, the provider's name for the person, and where they wanted to go.

    Args:
        two_factors: Whether the provider asked for a second factor itself (``amr`` claim, RFC 8176).
        since: As asked.
    """

    email: str
    subject: Subject
    back_to: str
    two_factors: bool
    since: int


class Provider:
    """The configured provider; its metadata and its keys are read when first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.redirect = f"{settings.public_url.rstrip('/')}/auth/oidc/callback"
        self._asked: Expiring[str, Asked] = Expiring(SIGN_IN_TTL_S, MAX_ASKED)
        self._metadata: tuple[JsonObject, float] | None = None
        self._keys: KeySet | None = None

    def _get(self, address: str, timeout_s: float = HTTP_TIMEOUT_S) -> JsonObject:
        """Return the JSON object at an address."""
        answer = requests.get(address, timeout=timeout_s, allow_redirects=False)
        answer.raise_for_status()
        if not isinstance(found := answer.json(), dict):
            raise ValueError("no object")
        return found

    def _read_metadata(self, timeout_s: float = HTTP_TIMEOUT_S) -> JsonObject:
        """Return the provider's metadata (OpenID Connect Discovery 1.0), read anew after ``METADATA_TTL_S``. Raises Refused."""
        if self._metadata is None or self._metadata[1] < time.monotonic():
            issuer = self.settings.oidc_issuer
            found = self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout_s)
            if found.get("issuer") != issuer:
                raise Refused("the provider calls itself by another name")
            for key in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if urlsplit(found[key]).scheme != urlsplit(issuer).scheme:
                    raise Refused("the provider names an address without https")
            self._metadata = (found, time.monotonic() + METADATA_TTL_S)
        return self._metadata[0]

    def _client(self) -> OAuth2Session:
        """Return a client for one exchange; the secret is read from its file each time."""
        secret = Path(self.settings.oidc_client_secret_file).expanduser().read_text("utf-8").strip()
        # The secret goes in a header unless the provider takes it in the form only.
        ways = self._read_metadata().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return OAuth2Session(
            self.settings.oidc_client_id, secret, scope="openid email", redirect_uri=self.redirect, code_challenge_method="S256",
            default_timeout=HTTP_TIMEOUT_S, token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in ways else "client_secret_post",
        )  # fmt: skip

    def ask(self, browser: str, address: str, back_to: str, language: str, anew: bool = False, since: int = 0) -> str:
        """Return where to send the browser, and remember what the answer must match. Raises ProviderSilent, Refused.

        - ``anew``: Have the provider ask for the person although it may know them: one who was refused may have another account.
        - ``since``: Number of the last audit entry.
        """
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(32)
        try:
            where, state = self._client().create_authorization_url(
                self._read_metadata()["authorization_endpoint"], code_verifier=verifier, nonce=nonce, state=secrets.token_urlsafe(32),
                ui_locales=language, **({"prompt": "login"} if anew else {}),
            )  # fmt: skip
        except SILENCE as problem:
            raise ProviderSilent(type(problem).__name__) from None
        # First those of this address, so that nobody drives out others' by asking often.
        self._asked.keep_newest(MAX_ASKED_OF_ADDRESS - 1, lambda asked: asked.address == address)
        self._asked.put(state, Asked(verifier, nonce, hash_token(browser), address, back_to, since))
        return where

    def answered(self, state: str, code: str, browser: str | None, issuer: str | None = None) -> Answer:
        """Return the answer to a question of this browser, once. Raises ProviderSilent, Refused."""
        sender = hash_token(browser) if browser is not None else ""
        # Somebody else's answer does not use up the question of the one who asked.
        asked = self._asked.take(state, lambda asked: secrets.compare_digest(sender, asked.browser))
        if asked is None:
            raise Refused("this browser asked for no such answer, or too long ago")
        if issuer not in (None, self.settings.oidc_issuer):
            raise Refused("another provider answers")
        if not code:
            raise Refused("the provider lets nobody in")
        try:
            client = self._client()
            tokens = client.fetch_token(self._read_metadata()["token_endpoint"], code=code, code_verifier=asked.verifier)
            claims = self._claims(str(tokens.get("id_token") or ""), asked.nonce)
            if "email" not in claims:
                more = client.get(self._read_metadata()["userinfo_endpoint"], allow_redirects=False).json()
                if more.get("sub") != claims["sub"]:
                    raise Refused("two different people in one answer")
                claims |= {key: more.get(key) for key in ("email", "email_verified")}
        except AuthlibBaseError as problem:
            raise Refused(type(problem).__name__) from None
        except SILENCE as problem:
            raise ProviderSilent(type(problem).__name__) from None
        if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
            raise Refused("no verified address")
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise Refused("nobody")
        ways = claims.get("amr")
        subject = Subject(self.settings.oidc_issuer, self.settings.oidc_client_id, claims["sub"])
        return Answer(claims["email"], subject, asked.back_to, isinstance(ways, list) and "mfa" in ways, asked.since)

    def farewell(self) -> str | None:
        """Return where the provider signs a person out; None where it cannot, is configured not to, or does not answer at once.

        Its token was thrown away, so the provider asks the person to confirm and then sends them back here.
        """
        try:
            where = str(self._read_metadata(LOGOUT_TIMEOUT_S).get("end_session_endpoint") or "") if self.settings.oidc_leave else ""
        except (Refused, *SILENCE):
            return None
        if not where or urlsplit(where).scheme != urlsplit(self.settings.oidc_issuer).scheme:
            return None
        query = {"client_id": self.settings.oidc_client_id, "post_logout_redirect_uri": f"{self.settings.public_url.rstrip('/')}/"}
        return f"{where}{'&' if '?' in where else '?'}{urlencode(query)}"

    def _claims(self, token: str, nonce: str) -> JsonObject:
        """Return the claims of an ID token after checking signature, issuer, audience, times and nonce. Raises Refused."""
        wanted = jwt.JWTClaimsRegistry(
            leeway=60, iss={"essential": True, "value": self.settings.oidc_issuer}, exp={"essential": True}, iat={"essential": True},
            aud={"essential": True, "value": self.settings.oidc_client_id}, sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        self._keys = self._keys or self._read_keys()
        try:
            claims = _decoded(token, self._keys)
        except (JoseError, ValueError):
            # Providers change their keys: once more with those they have now.
            self._keys = self._read_keys()
            try:
                claims = _decoded(token, self._keys)
            except (JoseError, ValueError) as problem:
                raise Refused(type(problem).__name__) from None
        try:
            wanted.validate(claims)
        except JoseError as problem:
            raise Refused(f"{type(problem).__name__} {getattr(problem, 'claim', '') or ''}".strip()) from None
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self.settings.oidc_client_id:
            raise Refused("made for somebody else as well")
        return claims

    def _read_keys(self) -> KeySet:
        return KeySet.import_key_set(cast(KeySetSerialization, self._get(self._read_metadata()["jwks_uri"])))


def _decoded(token: str, keys: KeySet) -> JsonObject:
    """Return the claims of a token with a right signature. Raises JoseError, ValueError."""
    return dict(jwt.decode(token, keys, algorithms=ALGORITHMS).claims)
