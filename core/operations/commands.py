"""Commands about the whole installation: the sample firm, importing, tidying, examining, the firm's name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from core.base.child_fences import landlock_version
from core.base.config import Settings, read_settings
from core.base.errors import AppError
from core.base.rights import Viewer
from core.base.sizes import MIB
from core.documents import stored_files
from core.i18n import t
from core.identity.firm import name_firm
from core.imports.look import look_at
from core.imports.rename import rename_mapping
from core.imports.run import import_data
from core.imports.taking_back import take_back_newest
from core.imports.unattended import run_by_name
from core.operations import doctor, rebuild, sort_tables
from core.operations.command_registry import Commands, FromTerminal, Say
from core.operations.installation import open_installation
from core.operations.report import now_and_then
from core.store import close_store, forget_head, reader, writer

SYSTEM = Viewer.system("command line", "command")
COMMANDS = Commands()


@COMMANDS.add("demo", is_local=True)
def demo(*, if_empty: Annotated[bool, typer.Option("--if-empty")] = False) -> int:
    """Build the sample firm into an empty data folder; only while nothing serves."""
    # The names of the sample come from a package that a real firm's server does not need to have.
    from core.sample import build_sample

    settings = read_settings()
    open_installation(settings)
    try:
        with reader(SYSTEM) as r:
            filled = r.value("SELECT count(*) FROM staff_member") or r.value("SELECT count(*) FROM account")
        if filled and if_empty:
            return 0
        if filled:
            raise AppError("sample_not_empty")
        build_sample(settings)
    finally:
        close_store()
    print(t("cli.sample_built", folder=settings.data))
    return 0


def _require_one_way(
    *, mapping: Path | None, rename: tuple[str, str] | None, look: Path | None, template: str | None, run: tuple[str, str] | None,
    back: str | None, **_others: object,
) -> None:  # fmt: skip
    if [mapping is None, rename is None, look is None, run is None, back is None].count(False) != 1:
        raise typer.BadParameter(t("cli.mapping_or_rename"))
    if template is not None and (look is None or not re.fullmatch(r"[\w][\w .-]{0,80}", template)):
        raise typer.BadParameter(t("cli.template_name"))


MappingFile = Annotated[str | None, FromTerminal(Annotated[Path | None, typer.Argument()], lambda file: file and str(file.resolve()))]


LookedAt = Annotated[
    str | None,
    FromTerminal(
        Annotated[Path | None, typer.Option("--look", metavar="FILE", help=t("cli.help.look"))], lambda file: file and str(file.resolve())
    ),
]


RunByName = Annotated[
    tuple[str, str] | None,
    FromTerminal(
        Annotated[tuple[str, str] | None, typer.Option("--run", metavar="NAME FILE", help=t("cli.help.run"))],
        lambda run: run and (run[0], str(Path(run[1]).resolve())),
    ),
]


@COMMANDS.add("import", check=_require_one_way)
def import_mapping(
    settings: Settings,
    say: Say,
    *,
    mapping: MappingFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    skip_refused: Annotated[bool, typer.Option("--skip-refused")] = False,
    again: Annotated[list[str] | None, typer.Option("--again", metavar="TABLE:KEY", help=t("cli.help.again"))] = None,
    accept_gone: Annotated[bool, typer.Option("--accept-gone", help=t("cli.help.accept_gone"))] = False,
    rename: Annotated[tuple[str, str] | None, typer.Option("--rename", metavar="OLD NEW", help=t("cli.help.rename"))] = None,
    look: LookedAt = None,
    template: Annotated[str | None, typer.Option("--template", metavar="NAME", help=t("cli.help.template"))] = None,
    run: RunByName = None,
    back: Annotated[str | None, typer.Option("--back", metavar="NAME", help=t("cli.help.back"))] = None,
) -> int:
    """Import data by a mapping or a remembered one, say what a file is, or give a mapping that was imported before another name.

    Args:
        settings: The settings of this installation.
        say: Called with each line for people.
        mapping: Path of the mapping.
        dry_run: Only check; nothing is written.
        skip_refused: Import the other rows when some are refused.
        again: Rows that were removed here and are wanted again, as table:key.
        accept_gone: Take a list for whole, however much of it is gone.
        rename: (old, new) name of a mapping; nothing is imported.
        look: Path of a file whose kind, encoding, head and the like are said; nothing is imported.
        template: Name under which the mapping that would bring that file is written beside it.
        run: Name of a remembered mapping, and the path of a file it is run with.
        back: Name of the mapping whose last import is taken back.
    """
    if back is not None:
        return 0 if take_back_newest(settings, back, say, dry_run=dry_run) else 1
    if run is not None:
        name, file = run
        return 0 if run_by_name(settings, name, Path(file), say) else 1
    if look is not None:
        return 0 if look_at(settings, Path(str(look)), say, template) else 1
    if rename is not None:
        old, new = rename
        rename_mapping(old, new)
        say(t("imports.renamed", old=old, new=new))
        return 0
    wanted = tuple(again or ())
    is_done = import_data(
        settings, Path(str(mapping)), say, dry_run=dry_run, skip_refused=skip_refused, again=wanted, accept_gone=accept_gone
    )
    return 0 if is_done else 1


@COMMANDS.add("tidy")
def tidy_tables(_settings: Settings, say: Say) -> int:
    """Sort tables that are out of order."""
    moved = sort_tables.tidy(lambda table, rows: say(t("cli.tidy.table", table=table, rows=rows)))
    say(t("cli.tidy.done", rows=moved) if moved else t("cli.tidy.nothing"))
    return 0


def _accept_head(is_wanted: bool) -> int | None:
    """Forget the mark beside a database that is not open yet; returns the number of the entry it stood at."""
    forgotten = forget_head(read_settings().database) if is_wanted else None
    return forgotten[0] if forgotten else None


@COMMANDS.add("doctor")
def examine(
    settings: Settings,
    say: Say,
    *,
    accepted: Annotated[
        int | None, FromTerminal(Annotated[bool, typer.Option("--accept-head", help=t("cli.help.accept_head"))], _accept_head, False)
    ] = None,
    renew: Annotated[bool, typer.Option("--renew", help=t("cli.help.renew"))] = False,
) -> int:
    """Say what does not agree, and what to do; the exit code is 1 if there is something.

    Args:
        settings: The settings of this installation.
        say: Called with each line for people.
        accepted: Number of the entry the mark stood at before the database was accepted as it is; goes on record.
        renew: First compute search words, sums and cards anew.
    """
    if accepted is not None:
        with writer(SYSTEM) as tx:
            tx.note("accepted", "store", text=str(accepted))
        say(t("cli.doctor.accepted", number=accepted))
    if swept := stored_files.sweep(settings):
        say(t("cli.doctor.swept", n=swept, count=swept))
    if renew:
        done = rebuild.renew(now_and_then(lambda what, done, of: say(t(f"cli.doctor.renewing_{what}", done=done, of=of))))
        say(t("cli.doctor.renewed", n=done, count=done))
    if not landlock_version():
        say(t("cli.doctor.no_landlock"))
    wrong = 0
    for code, values in doctor.examine(settings, now_and_then(lambda done, of: say(t("cli.doctor.looking", done=done, of=of)))):
        say(t(f"cli.doctor.{code}", **values))
        wrong += 1
    say(t("cli.doctor.ill", n=wrong, count=wrong) if wrong else t("cli.doctor.well"))
    return 1 if wrong else 0


@COMMANDS.add("status")
def status(settings: Settings, say: Say) -> int:
    """Say where the data is, how large it is and what it holds."""
    with reader(SYSTEM) as r:
        [counts] = r.rows(
            """SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM contact) AS contacts,
            (SELECT count(*) FROM staff_member WHERE is_active) AS members, (SELECT count(*) FROM audit_entry) AS changes"""
        )
        sample = r.value("SELECT bool_or(is_sample) FROM firm")
    say(t("cli.status.data", folder=settings.data, size=f"{settings.database.stat().st_size / MIB:.1f}"))
    say(t("cli.status.counts", **counts))
    if sample:
        say(t("cli.status.sample"))
    return 0


@COMMANDS.add("firm")
def firm(_settings: Settings, say: Say, *, name: str) -> int:
    """Name the firm, and make it when there is none."""
    say(t("cli.firm.called", name=name_firm(SYSTEM, name)))
    return 0
