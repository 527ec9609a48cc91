"""Every command but serve, in the order in which help lists them."""

from __future__ import annotations

from core.operations import commands, commands_audit, commands_backup, commands_export, commands_mail, commands_team
from core.operations.command_registry import Commands

COMMANDS = Commands(
    commands.COMMANDS
    | commands_backup.COMMANDS
    | commands_export.COMMANDS
    | commands_mail.COMMANDS
    | commands_team.COMMANDS
    | commands_audit.COMMANDS
)
