"""Say in the terminal's language what is wrong with a call: typer says it in English, whatever language our own words in it have."""

from __future__ import annotations

from collections.abc import Sequence

from typer.exceptions import TyperException

from core.i18n import t

# How a call begins, and the option after which typer explains a command.
PROGRAM, HELP = "python -m core", "--help"


def usage_sentences(problem: TyperException, given: Sequence[str]) -> str:
    """Return what is wrong with a call, and where it is said what is right.

    Args:
        problem: As typer raised it.
        given: The words that were typed behind the program's name.
    """
    context = getattr(problem, "ctx", None)
    asked = context.command_path if context is not None else PROGRAM
    return f"{_what(problem, given)}\n{t('cli.usage.help', call=f'{asked} {HELP}')}"


def _what(problem: TyperException, given: Sequence[str]) -> str:
    option, named = getattr(problem, "option_name", None), getattr(problem, "param", None)
    context = getattr(problem, "ctx", None)
    if named is not None:
        name = named.opts[0]
        missing = type(problem).__name__ == "MissingParameter"
        return t("cli.usage.missing" if missing else "cli.usage.value", name=name)
    if option is not None:
        return t("cli.usage.no_option" if type(problem).__name__ == "NoSuchOption" else "cli.usage.option", name=option)
    if type(problem).__name__ == "BadParameter":
        # Our own words.
        return problem.message
    unknown = next((word for word in given if context is not None and word not in context.command_path.split()), None)
    if context is not None and hasattr(context.command, "commands") and unknown:
        return t("cli.usage.no_command", name=unknown)
    return t("cli.usage.unclear", given=" ".join(given))
