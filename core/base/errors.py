"""The errors that have a sentence for the person they happen to.

Each has a ``code``; the sentence is ``t(f"errors.{code}", **values)``. ``values`` never hold anything the person may not see. Classes are
named by what happened (``AccountNotFound``, ``SignedOut``), as they read in ``raise`` and ``except``.
"""

from __future__ import annotations

# (code, values of its sentence)
Problem = tuple[str, dict[str, object]]


class InvalidValue(Exception):
    """A value that cannot be stored; ``problem`` is its code and the values of the sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.problem: Problem = (code, values)


class AppError(Exception):
    """The root of all errors with a sentence: a ``code``, and the values of the sentence."""

    code = "unexpected"
    # Whether the refusal is recorded already.
    is_noted = False

    def __init__(self, code: str | None = None, **values: object) -> None:
        self.code = code or type(self).code
        self.values = values
        super().__init__(f"{self.code} {values}" if values else self.code)


class NotFound(AppError):
    """The thing is missing or forbidden; the two look alike on purpose."""

    code = "not_found"


class AccountNotFound(NotFound):
    """The account is missing, or this viewer may not see it."""

    code = "account_not_found"


class NotAllowed(AppError):
    """This viewer may not change a thing they see, or not use a page."""

    code = "not_allowed"


class ViewingOnly(NotAllowed):
    """A member looks as another person: nothing can be changed."""

    code = "viewing_only"


class SignedOut(AppError):
    """Nobody is signed in, or the session has ended."""

    code = "signed_out"


class EditConflict(AppError):
    """Somebody saved the same record in between; ``changes`` maps field to (before, theirs)."""

    code = "edit_conflict"

    def __init__(self, changes: dict[str, tuple[object, object]] | None = None) -> None:
        self.changes = changes or {}
        super().__init__(fields=", ".join(self.changes))


class ValidationFailed(AppError):
    """Input that cannot be stored; ``problems`` maps field to (code, values)."""

    code = "validation_failed"

    def __init__(self, problems: dict[str, tuple[str, dict[str, object]]]) -> None:
        self.problems = problems
        super().__init__(fields=", ".join(problems))


class StoreError(AppError):
    """The database cannot be used at the moment."""

    code = "store_unavailable"


class StoreInUse(StoreError):
    """Another process owns the file; ``values`` name it."""

    code = "store_in_use"


class StoreTooNew(StoreError):
    """The file was written by a newer version of the app."""

    code = "store_too_new"


class StoreBehind(StoreError):
    """The file lost changes: the mark beside it names an audit entry that it does not have."""

    code = "store_behind"


class StoreAhead(StoreError):
    """The file has audit entries after the last one at an orderly end of the program: it was changed elsewhere."""

    code = "store_ahead"


class StoreCopied(StoreError):
    """The file is a copy of one in use, or came without its mark: parts may be missing."""

    code = "store_copied"


class StoreGone(StoreError):
    """The database file was moved, deleted or replaced while open; nothing of this change was saved."""

    code = "store_gone"


class StoreRefused(StoreError):
    """The database refused a value by a rule of its own, a number too large perhaps; nothing of this change was kept."""

    code = "store_refused"


class StoreFull(StoreError):
    """The disk is full; nothing of this change was saved."""

    code = "store_full"


class StoreDamaged(StoreError):
    """The file is damaged."""

    code = "store_damaged"


class StoreForeign(StoreDamaged):
    """The file is not a database of this app, or its beginning is damaged; nothing was written into it."""

    code = "store_foreign"


class Misconfigured(AppError):
    """A setting cannot be used; ``values`` name the file or variable, the key, and the value expected."""

    code = "misconfigured"


class BadDeclaration(AppError):
    """A widget, query, word list or schema in the code is wrong; raised at start."""

    code = "bad_declaration"
