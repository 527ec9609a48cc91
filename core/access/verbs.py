"""Check rights at this moment, and decorate write verbs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from core.access.open_account import OpenAccount
from core.access.refusals import note_refusal
from core.base.errors import AccountNotFound, BadDeclaration, NotAllowed
from core.base.rights import Right, Viewer
from core.store import Tx, scope_of, with_retry, writer

P = ParamSpec("P")
T = TypeVar("T")

# Every write verb by its name; the access tests run over it.
VERBS: dict[str, Callable[..., Any]] = {}


def require(viewer: Viewer, right: Right) -> None:
    """Raise NotAllowed, and record it, unless the viewer has the right at this moment."""
    try:
        if not scope_of(viewer).allows(right):
            raise NotAllowed()
    except NotAllowed as refused:
        refused.is_noted = True
        note_refusal(viewer, right.value)
        raise


def rights_of(viewer: Viewer) -> frozenset[Right]:
    """Return the viewer's rights at this moment. Raises SignedOut."""
    return scope_of(viewer).rights


def require_staff(viewer: Viewer) -> None:
    """Raise NotAllowed for a client's contact."""
    if viewer.kind == "contact":
        raise NotAllowed()


def verb(name: str, *, portal: bool = False, by_looking: bool = False) -> Callable[[Callable[Concatenate[Tx, P], T]], Callable[P, T]]:
    """Make a function a write verb: its first argument, an OpenAccount or a Viewer, is the one who acts.

    The verb runs in one transaction, and as a whole again when another writer got in between; an account is checked again in it.

    Args:
        name: ``<table>.<act>``, by which the record names its refusals. It never changes, whatever the function is called.
        portal: Whether clients' contacts may use it too.
        by_looking: Whether it happens by looking at something (an upload is no longer new): then it does nothing for a member who looks
            as another person.
    """

    def named(function: Callable[Concatenate[Tx, P], T]) -> Callable[P, T]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            who: OpenAccount | Viewer = args[0]  # type: ignore[assignment]
            viewer = who.viewer if isinstance(who, OpenAccount) else who
            if by_looking and viewer.by is not None:
                return None  # type: ignore[return-value]

            def attempt() -> T:
                with writer(viewer) as tx:
                    if isinstance(who, OpenAccount):
                        tx.see(who.account_id)
                    if not portal:
                        require_staff(viewer)
                    return function(tx, *args, **kwargs)

            try:
                return with_retry(attempt)
            except (NotAllowed, AccountNotFound) as refused:
                refused.is_noted = True
                note_refusal(viewer, name, who.account_id if isinstance(who, OpenAccount) else None)
                raise

        if VERBS.setdefault(name, run) is not run:
            raise BadDeclaration(f"{function.__module__}.{function.__qualname__}: there is a verb {name!r} already")
        return run

    return named
