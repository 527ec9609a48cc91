"""Everything that can go wrong and has a sentence for the person it happens to.

Each error carries a ``code``; the sentence is ``t(f"errors.{code}", **values)``. ``values`` are
filled into the sentence and never hold anything the person may not see.
"""

from __future__ import annotations

# A code and what fills its sentence.
Problem = tuple[str, dict[str, object]]


class InvalidValue(Exception):
    """A value that cannot be kept: its code and what fills the sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.problem: Problem = (code, values)


class AppError(Exception):
    """The root: a ``code`` with a sentence in every language, and the values that fill it."""

    code = "unexpected"
    # Whether the refusal stands in the record already.
    is_noted = False

    def __init__(self, code: str | None = None, **values: object) -> None:
        self.code = code or type(self).code
        self.values = values
        super().__init__(f"{self.code} {values}" if values else self.code)


class NotFound(AppError):
    """Missing or forbidden: the two look alike on purpose."""

    code = "not_found"


class AccountNotFound(NotFound):
    """No such account, or none this viewer may see."""

    code = "account_not_found"


class NotAllowed(AppError):
    """A visible thing may not be changed, or a page not used, by this viewer."""

    code = "not_allowed"


class ViewingOnly(NotAllowed):
    """Somebody looks at the app as another person: nothing can be changed."""

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
    """Another process owns the file; ``values`` say who."""

    code = "store_in_use"


class StoreTooNew(StoreError):
    """The file was written by a newer version of the app."""

    code = "store_too_new"


class StoreBehind(StoreError):
    """The file holds less than it once did: the mark beside it names a recorded change it does not have."""

    code = "store_behind"


class StoreAhead(StoreError):
    """The file holds changes after the last one that was there when the program ended in order."""

    code = "store_ahead"


class StoreCopied(StoreError):
    """The file is a copy of one that was in use, or came without its mark: parts may be missing."""

    code = "store_copied"


class StoreGone(StoreError):
    """The database's file was moved, deleted or replaced while it is open; nothing of this change was kept."""

    code = "store_gone"


class StoreFull(StoreError):
    """The disk has no room; nothing of this change was kept."""

    code = "store_full"


class StoreDamaged(StoreError):
    """What stands in the file is not what was written into it."""

    code = "store_damaged"


class StoreForeign(StoreDamaged):
    """The file is none of ours, or its beginning is damaged; nothing was written into it."""

    code = "store_foreign"


class Misconfigured(AppError):
    """A setting that cannot be used: file or variable, key, and the value expected."""

    code = "misconfigured"


class BadDeclaration(AppError):
    """A widget, query, word list or schema in the code that is wrong; raised at start."""

    code = "bad_declaration"
