"""What the sign-in and *Mein Zugang* remember between two runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.identity.begun_sign_in import Begun
from core.identity.oidc_subject import Subject


@dataclass(slots=True)
class FactorSetUp:
    """The set-up of a second factor: the secret that is shown, when the factor was made that it replaces, and the recovery codes."""

    secret: str | None = None
    replaces: datetime | None = None
    codes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SecondStep:
    """The step after the password, open until ``until`` (``time.monotonic()``, seconds); ``subject`` is who came by the provider."""

    begun: Begun
    step: Literal["code", "setup"]
    until: float
    subject: Subject | None = None
    set_up: FactorSetUp = field(default_factory=FactorSetUp)


@dataclass(slots=True)
class SignInState:
    """The sign-in page: the sentence to show, the sign-in the form's check began, the second step, and which form takes its place."""

    problem: str | None = None
    begun: Begun | None = None
    step: SecondStep | None = None
    first_owner_problems: dict[str, str] = field(default_factory=dict)
    is_forgotten_open: bool = False


@dataclass(slots=True)
class PasswordState:
    """The change of one's own password; ``key_epoch`` stands in the keys of its inputs, so that they are empty after a change."""

    key_epoch: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    is_changed: bool = False
