"""The form that is open over a page: what it is about, what was typed, and how far saving it has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict, TypeVar

from core.access.preview import Consequence

S = TypeVar("S")


class About(TypedDict, total=False):
    """What a form is about besides its account, by ids of rows."""

    contact_id: int
    contact_email_id: int
    switch: str
    value: bool
    custom_field_id: int
    scope: str
    document_id: int
    member: int
    ids: Sequence[int]
    row_id: int
    tag_id: int


@dataclass(frozen=True, slots=True)
class ListState:
    """A widget's full list over an account, and what its inputs held: what was searched, filtered, sorted, and the page."""

    account_id: int
    widget: str
    inputs: Mapping[str, Any]


@dataclass(slots=True)
class MadeLink:
    """A one-time link that is shown this once, to whom it goes, and what came of the mail.

    ``mail`` is ``none`` where no mail is set up, ``sent``, or the sentence that says why it was not sent.
    """

    token: str
    email: str = ""
    who: str = ""
    mail: Literal["none", "sent"] | str = "none"


@dataclass(slots=True)
class OpenForm:
    """A form that is open; ``account_id`` is 0 for one about the firm.

    ``begun`` is what the inputs began with and ``draft`` what is in them, both raw values by key. ``version`` is the row's as it was
    opened (0: a new row), ``labels`` what custom fields are called. ``key_epoch`` stands in the keys of the inputs: another opening has other inputs.
    """

    name: str
    account_id: int = 0
    key_epoch: int = 0
    about: About = field(default_factory=About)
    back: ListState | None = None
    begun: dict[str, Any] | None = None
    draft: dict[str, Any] | None = None
    version: int = 0
    labels: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    is_refused: bool = False
    has_conflict: bool = False
    is_leaving: bool = False
    consequences: list[Consequence] = field(default_factory=list)
    are_consequences_asked: bool = False
    is_saved: bool = False
    result: Any = None
    link: MadeLink | None = None
    left_before: OpenForm | None = None
    _own: object = None

    def key(self, name: str) -> str:
        """Return the key of an input of this very opening of the form."""
        return f"form-{self.key_epoch}-{name}"

    def start(self, values: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
        """Return what the inputs begin with: what was typed before, else these values, which are kept to tell what changed."""
        if self.begun is None:
            self.begun = dict(values())
        return self.inputs

    @property
    def inputs(self) -> dict[str, Any]:
        """What was typed, else what the inputs began with."""
        return self.draft or self.begun or {}

    def record_input(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Keep what is in the inputs; return what of it differs from the beginning."""
        self.draft = dict(raw)
        begun = self.begun or {}
        return {name: value for name, value in raw.items() if value != begun.get(name)}

    @property
    def is_unsaved(self) -> bool:
        """Whether something was typed that no save has kept."""
        return self.draft is not None and self.draft != self.begun and not self.is_saved

    def own(self, kind: type[S]) -> S:
        """Return what this form keeps for itself between two runs, a ``kind`` that is made without arguments at first use."""
        if not isinstance(self._own, kind):
            self._own = kind()
        return self._own
