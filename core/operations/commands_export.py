"""The command that takes everything out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.base.config import Settings
from core.base.sizes import MIB
from core.i18n import t
from core.operations.command_registry import Commands, FromTerminal, Say
from core.operations.commands import SYSTEM
from core.operations.report import now_and_then
from core.operations.whole_export.back_mapping import MAPPING, MORE_FOLDER
from core.operations.whole_export.make import TakenOut, take_everything_out

COMMANDS = Commands()


@COMMANDS.add("export")
def export(
    settings: Settings,
    say: Say,
    *,
    folder: Annotated[
        str,
        FromTerminal(Annotated[Path, typer.Argument(help=t("cli.help.export_folder"))], lambda folder: str(folder.expanduser().resolve())),
    ],
    csv: Annotated[bool, typer.Option("--csv", help=t("cli.help.export_csv"))] = False,
) -> int:
    """Take everything out into a new folder, with the mapping that brings it back.

    Args:
        settings: The settings of this installation.
        say: Called with each line for people.
        folder: Path of a folder that is new or empty.
        csv: Write CSV instead of Parquet.
    """
    copying = now_and_then(lambda n: say(t("cli.export.copying", n=n, count=n)))

    def progress(what: str, n: int) -> None:
        if what == "files":
            copying(n)
        elif n:
            say(t("cli.export.table", table=what, n=n, count=n))

    _say_taken(say, take_everything_out(settings, Path(folder), viewer=SYSTEM, as_csv=csv, progress=progress))
    return 0


def _say_taken(say: Say, taken: TakenOut) -> None:
    copied = taken.copied
    for what, count in (("missing", copied.missing), ("other", copied.other)):
        if count:
            say(t(f"cli.export.{what}", n=count, count=count, example=", ".join(copied.examples[what])))
    say(
        t(
            "cli.export.made", rows=sum(taken.rows.values()), tables=len(taken.rows), files=copied.files, size=f"{copied.size / MIB:.1f}",
            folder=taken.folder,
        )
    )  # fmt: skip
    say(t("cli.export.more", rows=sum(taken.more.values()), folder=MORE_FOLDER))
    say(t("cli.export.left_out"))
    say(t("cli.export.back", mapping=taken.folder / MAPPING))
    say(t("cli.export.confidential"))
