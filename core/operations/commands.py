"""What the command line can ask for, by name: run by the server that has the store open, or by the command itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from core.audit import examination
from core.base.config import Settings
from core.base.contact_points import same_address
from core.base.errors import AppError, NotFound
from core.base.rights import Role, Viewer
from core.documents import stored_files
from core.i18n import t
from core.identity import members
from core.identity.firm import firm_name, name_firm
from core.identity.oidc_subject import forget_provider_person
from core.identity.password_policy import allow_password_sign_in
from core.identity.second_factor import reset_second_factor
from core.imports.rename import rename_mapping
from core.imports.run import import_data
from core.operations import doctor, rebuild, tidy
from core.operations.backup.make import make_backup
from core.operations.cli_backup import said_progress, say_contents, say_key
from core.store import AuditReport, ends_of, examine_record, head_mark, reader, refused_record, writer

SYSTEM = Viewer.system("command line", "command")
Say = Callable[[str], None]
# Seconds between two lines of how far something is.
TOLD_EVERY = 2
COMMANDS: dict[str, Callable[..., int]] = {}
# What can be done with a database that is refused when it is opened.
REFUSED: dict[str, Callable[..., int]] = {}


def command(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Make a function of (settings, say, **arguments) a command under its name; arguments are what JSON can carry."""
    COMMANDS[function.__name__] = function
    return function


@command
def import_mapping(
    settings: Settings, say: Say, *, file: str, dry_run: bool = False, skip_refused: bool = False, again: tuple[str, ...] = ()
) -> int:
    """Bring data in by a mapping; ``again`` names rows removed here that are wanted again, as table:key."""
    return 0 if import_data(settings, Path(file), say, dry_run=dry_run, skip_refused=skip_refused, again=again) else 1


@command
def rename_import(settings: Settings, say: Say, *, old: str, new: str) -> int:
    """Have what a mapping remembers stand under another name."""
    rename_mapping(old, new)
    say(t("imports.renamed", old=old, new=new))
    return 0


@command
def tidy_tables(settings: Settings, say: Say) -> int:
    """Put the tables in order."""
    moved = tidy.tidy(lambda table, rows: say(t("cli.tidy.table", table=table, rows=rows)))
    say(t("cli.tidy.done", rows=moved) if moved else t("cli.tidy.nothing"))
    return 0


def _now_and_then(tell: Callable[..., None]) -> Callable[..., None]:
    """Tell now and then, not each time."""
    told = [time.monotonic()]

    def progress(*how_far: object) -> None:
        if time.monotonic() - told[0] > TOLD_EVERY:
            told[0] = time.monotonic()
            tell(*how_far)

    return progress


@command
def examine(settings: Settings, say: Say, *, accepted: int | None = None, renew: bool = False) -> int:
    """Tell what does not agree, and what to do; ``accepted`` is the mark of a store that was taken as it is.

    With ``renew`` what repeats other rows (search words, sums, cards) is made anew before.
    """
    if accepted is not None:
        with writer(SYSTEM) as tx:
            tx.note("accepted", "store", text=str(accepted))
        say(t("cli.doctor.accepted", number=accepted))
    if swept := stored_files.sweep(settings):
        say(t("cli.doctor.swept", n=swept, count=swept))
    if renew:
        done = rebuild.renew(_now_and_then(lambda what, done, of: say(t(f"cli.doctor.renewing_{what}", done=done, of=of))))
        say(t("cli.doctor.renewed", n=done, count=done))
    wrong = 0
    for code, values in doctor.examine(settings, _now_and_then(lambda done, of: say(t("cli.doctor.looking", done=done, of=of)))):
        say(t(f"cli.doctor.{code}", **values))
        wrong += 1
    say(t("cli.doctor.ill", n=wrong, count=wrong) if wrong else t("cli.doctor.well"))
    return 1 if wrong else 0


@command
def backup(settings: Settings, say: Say, *, target: str | None = None) -> int:
    """Make a backup into a folder; the settings' own when none is named."""
    archive, contents = make_backup(settings, Path(target) if target else None, viewer=SYSTEM, progress=said_progress(say, "copying"))
    say(t("cli.backup.made", file=archive))
    say_contents(say, contents, archive.stat().st_size)
    say_key(settings, say)
    return 0


@command
def audit_verify(settings: Settings, say: Say, *, kept: list | None = None) -> int:
    """Examine the record of changes; ``kept`` is a head kept elsewhere."""
    began = time.monotonic()
    progress = _now_and_then(lambda done, of: say(t("cli.audit.so_far", done=done, of=of, percent=100 * done // of)))
    outcome = examination.verify(SYSTEM, settings, tuple(kept) if kept else None, progress)
    return _say_outcome(settings, say, outcome, time.monotonic() - began)


def _verify_refused(settings: Settings, say: Say, *, kept: list | None = None) -> int:
    began = time.monotonic()
    with refused_record(settings.database) as (ask, head):
        outcome = examine_record(ask, head, head_mark(settings.database), tuple(kept) if kept else None)
    return max(1, _say_outcome(settings, say, outcome, time.monotonic() - began))


REFUSED["audit_verify"] = _verify_refused


def _say_outcome(settings: Settings, say: Say, outcome: AuditReport, seconds: float) -> int:
    if outcome.mark is None:
        say(t("cli.audit.no_mark"))
    for first, last, moment in ends_of(settings.database).unmarked:
        say(t("cli.audit.unmarked", first=first, last=last, moment=moment))
    if outcome.older_batches:
        say(t("cli.audit.older_batches", n=outcome.older_batches, count=outcome.older_batches))
    if outcome.erased:
        say(t("cli.audit.erased", n=outcome.erased, count=outcome.erased))
    say(t("cli.audit.walked", entries=outcome.entries, seconds=f"{seconds:.1f}", speed=int(outcome.entries / max(seconds, 0.001))))
    if found := outcome.finding:
        for one in filter(None, (found, outcome.also)):
            say(t(f"audit.found.{one.code}", number=one.number, last=one.last))
        return 1
    say(t("cli.audit.well", number=outcome.head[0], hash=outcome.head[1]))
    return 0


@command
def audit_head(settings: Settings, say: Say) -> int:
    """Tell number and hash of the newest entry, to be kept elsewhere."""
    number, whole = examination.head()
    say(f"{number}:{whole}")
    return 0


@command
def audit_erase(settings: Settings, say: Say, *, entity: str, entity_id: int, field: str | None) -> int:
    """Take the values of a record, or a field of it, out of the entries made so far."""
    try:
        count = examination.erase_values(SYSTEM, entity=entity, entity_id=entity_id, field=field)
    except NotFound:
        raise AppError("nothing_to_erase") from None
    say(t("cli.audit.erasing", n=count, count=count))
    return 0


@command
def status(settings: Settings, say: Say) -> int:
    """Tell what is in the store."""
    with reader(SYSTEM) as r:
        counts = r.row(
            """SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM contact) AS contacts,
            (SELECT count(*) FROM staff_member WHERE is_active) AS members, (SELECT count(*) FROM audit_entry) AS changes"""
        )
        sample = r.value("SELECT bool_or(is_sample) FROM firm")
    size = settings.database.stat().st_size / 2**20
    say(t("cli.status.data", folder=settings.data, size=f"{size:.1f}"))
    say(t("cli.status.counts", **counts))
    if sample:
        say(t("cli.status.sample"))
    return 0


def _member(email: str) -> int:
    with reader(SYSTEM) as r:
        found = r.value("SELECT staff_member_id FROM staff_member WHERE email = $email", email=same_address(email))
    if found is None:
        raise AppError("member_not_found", email=email)
    return found


def _account(number: str) -> int:
    with reader(SYSTEM) as r:
        found = r.value("SELECT account_id FROM account WHERE number = $number", number=number)
    if found is None:
        raise AppError("number_not_found", number=number)
    return found


@command
def user_add(settings: Settings, say: Say, *, name: str, email: str, role: str, password: str, firm: str | None = None) -> int:
    """A new team member; the first owner completes the installation with the firm, by a name that can be changed."""
    there = firm_name()
    wanted = firm if firm is not None or role != Role.OWNER else t("cli.firm.default", name=name)
    members.add_member(SYSTEM, name=name, email=email, role=role, password=password, firm=wanted)
    say(t("cli.user.added", email=email))
    if there is None and wanted is not None:
        say(t("cli.firm.named", name=firm_name()))
    elif firm is not None and firm != there:
        say(t("cli.firm.there", name=there))
    return 0


@command
def firm(settings: Settings, say: Say, *, name: str) -> int:
    """Give the firm a name, and make it when there is none."""
    say(t("cli.firm.called", name=name_firm(SYSTEM, name)))
    return 0


@command
def user_password(settings: Settings, say: Say, *, email: str, password: str) -> int:
    """Another password; the member's sessions end."""
    members.set_password(SYSTEM, _member(email), password)
    say(t("cli.user.changed", email=email))
    return 0


@command
def user_role(settings: Settings, say: Say, *, email: str, role: str) -> int:
    """Another role."""
    members.set_role(SYSTEM, _member(email), role)
    say(t("cli.user.changed", email=email))
    return 0


@command
def user_rights(settings: Settings, say: Say, *, email: str, rights: list[str]) -> int:
    """Exactly these rights."""
    members.set_rights(SYSTEM, _member(email), set(rights))
    say(t("cli.user.changed", email=email))
    return 0


@command
def user_assign(settings: Settings, say: Say, *, email: str, number: str) -> int:
    """This member works for this account."""
    members.assign(SYSTEM, _member(email), _account(number))
    say(t("cli.user.changed", email=email))
    return 0


@command
def user_unassign(settings: Settings, say: Say, *, email: str, number: str) -> int:
    """This member no longer works for this account."""
    members.unassign(SYSTEM, _member(email), _account(number))
    say(t("cli.user.changed", email=email))
    return 0


@command
def user_deactivate(settings: Settings, say: Say, *, email: str) -> int:
    """No sign-in any more."""
    members.deactivate(SYSTEM, _member(email))
    say(t("cli.user.changed", email=email))
    return 0


@command
def user_factor_off(settings: Settings, say: Say, *, email: str) -> int:
    """The member's second factor is gone; it can be set up anew at the next sign-in."""
    reset_second_factor(SYSTEM, _member(email))
    say(t("cli.user.changed", email=email))
    return 0


@command
def user_forget_provider(settings: Settings, say: Say, *, email: str) -> int:
    """Whoever has the member's address at the identity provider next comes in as the member."""
    forget_provider_person(SYSTEM, _member(email))
    say(t("cli.user.changed", email=email))
    return 0


@command
def user_password_form(settings: Settings, say: Say) -> int:
    """The team may sign in with passwords again, whatever the firm chose."""
    allow_password_sign_in(SYSTEM)
    say(t("cli.user.form_opened"))
    return 0


@command
def user_list(settings: Settings, say: Say) -> int:
    """Who is in the team."""
    query = """SELECT m.name, m.email, m.role, m.is_active, list(r.right_key ORDER BY r.right_key) AS rights FROM staff_member m
               LEFT JOIN staff_right r USING (staff_member_id) GROUP BY ALL ORDER BY m.name"""
    with reader(SYSTEM) as r:
        rows = r.rows(query)
    for row in rows:
        rights = ", ".join(right for right in row["rights"] if right)
        active = "" if row["is_active"] else t("cli.user.inactive")
        say("\t".join([row["role"], row["name"], row["email"] or "–", rights, active]).rstrip())
    return 0
