"""Commands are registered once, as functions; the front of the command line is built from their signatures."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args, get_origin

from core.base.errors import AppError
from core.i18n import sentence

Say = Callable[[str], None]
Function = TypeVar("Function", bound=Callable[..., "int | None"])


@dataclass(frozen=True)
class FromTerminal:
    """How the terminal asks for an argument whose value is sent otherwise: mark it as ``Annotated[type sent, FromTerminal(…)]``.

    Args:
        annotation: The type typer reads, perhaps with its own option.
        to_json: Turns what typer read into what is sent; may raise ``typer.BadParameter``.
        default: The front's default, where the command's own is no value of ``annotation``.
    """

    annotation: Any
    to_json: Callable[[Any], object] = lambda value: value
    default: Any = inspect.Parameter.empty


@dataclass(frozen=True)
class Command:
    """A command by the words that are typed for it.

    Args:
        words: As typed: ``("user", "add")``; empty for a command that only the control socket knows.
        perform: Called with (settings, say, **arguments); one that ``is_local`` with the arguments alone. Returns the exit code.
        is_local: Whether it is done by the process that was asked, without an open store.
        check: Called with the front's arguments before anything is done; may raise ``typer.BadParameter``.
        on_refused: Does the command with a database that could not be opened.
        aliases: Last words that mean the same and are not listed.
    """

    words: tuple[str, ...]
    perform: Callable[..., int | None]
    is_local: bool = False
    check: Callable[..., None] | None = None
    on_refused: Callable[..., int] | None = None
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name the command has on the control socket."""
        return self.perform.__name__

    @property
    def help_key(self) -> str:
        """The key of the sentence that says what the command does."""
        return f"cli.help.{'_'.join(self.words)}".replace("-", "_")


class Commands(dict[str, Command]):
    """Commands by their names, in the order in which help lists them."""

    def add(self, words: str, **more: Any) -> Callable[[Function], Function]:
        """Register the decorated function as the command that is typed as ``words``; ``more`` as in ``Command``."""

        def register(function: Function) -> Function:
            command = Command(tuple(words.split()), function, **more)
            self[command.name] = command
            return function

        return register


def front(command: Command, run: Callable[[Command, dict[str, object]], int | None]) -> Callable[..., None]:
    """Return the function typer makes a command of: it asks for the command's arguments, has it ``run`` and ends with its exit code.

    An AppError is printed, and the exit code is 1.
    """
    asked = dict(_asked(command.perform))

    def ask(**given: Any) -> None:
        if command.check:
            command.check(**given)
        try:
            code = run(command, {name: asked[name].to_json(value) for name, value in given.items()})
        except AppError as problem:
            print(sentence(problem), file=sys.stderr)
            code = 1
        raise SystemExit(code)

    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=how.default, annotation=how.annotation)
        for name, how in asked.items()
    ]
    ask.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    ask.__annotations__ = {}
    return ask


def _asked(function: Callable[..., object]) -> Iterator[tuple[str, FromTerminal]]:
    """Yield how the terminal asks for each argument that has to be named."""
    # Annotations are evaluated here and not before: the words of help in them are those of the terminal's language.
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        annotation = parameter.annotation
        marks = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
        how = next((mark for mark in marks if isinstance(mark, FromTerminal)), FromTerminal(annotation))
        default = parameter.default if how.default is inspect.Parameter.empty else how.default
        yield parameter.name, FromTerminal(how.annotation, how.to_json, default)


def say_line(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)
