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
    """A form that is open.

    Attributes:
        name: As registered with ``@form``.
        account_id: The account it is about; 0 for a form about the firm.
        key_epoch: Stands in the keys of the inputs: another opening has other inputs.
        about: Ids of what it is about besides the account.
        back: The full list that closing it leads back to.
        initial: What the inputs began with, raw values by key.
        draft: What is in the inputs, raw values by key.
        version: The row's as it was opened; 0 for a new row.
        labels: What custom fields are called, by key.
        problems: What is wrong with the inputs after a save, as sentences by key.
        problem: Why the last save was refused, as a sentence.
        is_refused: Whether it was refused for good: a right or the row is gone.
        has_conflict: Whether somebody saved the row meanwhile.
        is_leaving: Whether the person is asked if what was typed may be thrown away.
        consequences: What saving would cause, shown before it.
        are_consequences_asked: Whether that was asked, though nothing may have come of it.
        is_saved: Whether the verb was called with success; it is not called twice.
        result: What the verb returned.
        link: The one-time link that saving made.
        left_before: An unsaved form that was open before this one.
    """

    name: str
    account_id: int = 0
    key_epoch: int = 0
    about: About = field(default_factory=About)
    back: ListState | None = None
    initial: dict[str, Any] | None = None
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
        if self.initial is None:
            self.initial = dict(values())
        return self.inputs

    @property
    def inputs(self) -> dict[str, Any]:
        """What was typed, else what the inputs began with."""
        return self.draft or self.initial or {}

    def record_input(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Keep what is in the inputs; return what of it differs from the beginning."""
        self.draft = dict(raw)
        initial = self.initial or {}
        return {name: value for name, value in raw.items() if value != initial.get(name)}

    @property
    def is_unsaved(self) -> bool:
        """Whether something was typed that no save has kept."""
        return self.draft is not None and self.draft != self.initial and not self.is_saved

    def own(self, kind: type[S]) -> S:
        """Return what this form keeps for itself between two runs, a ``kind`` that is made without arguments at first use."""
        if not isinstance(self._own, kind):
            self._own = kind()
        return self._own
