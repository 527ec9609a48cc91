"""Rights asked at this moment, and the decorator every write verb carries."""

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

# Every write verb by name: what the access tests run over.
VERBS: dict[str, Callable[..., Any]] = {}


def require(viewer: Viewer, right: Right) -> None:
    """Raises NotAllowed unless the viewer has the right at this moment."""
    try:
        if not scope_of(viewer).allows(right):
            raise NotAllowed()
    except NotAllowed as refused:
        refused.is_noted = True
        note_refusal(viewer, right.value)
        raise


def rights_of(viewer: Viewer) -> frozenset[Right]:
    """The viewer's rights at this moment, read from the store. Raises SignedOut for who is gone."""
    return scope_of(viewer).rights


def require_staff(viewer: Viewer) -> None:
    """Raises NotAllowed for a client's contact."""
    if viewer.kind == "contact":
        raise NotAllowed()


def verb(name: str, *, portal: bool = False, by_looking: bool = False) -> Callable[[Callable[Concatenate[Tx, P], T]], Callable[P, T]]:
    """Make a function a write verb, for staff unless ``portal``; its first argument, an OpenAccount or a Viewer, says who acts.

    Args:
        name: ``<table>.<act>``, what a refusal of it is called on record; it stays whatever the function is called and wherever it stands.
        portal: contacts of clients may use it too.
        by_looking: what happens by looking at something (an upload is no longer new) does not happen for who looks as another person.

    The verb runs in one transaction, the whole of it again when another writer got in between; an account is checked again in it.
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
