"""Tell by mail, without a word of the content, that a run nobody watches was stopped or waits for a person."""

from __future__ import annotations

import logging

from core.base.config import Settings, base_url
from core.base.errors import AppError
from core.base.rights import Viewer
from core.i18n import speaking, t
from core.imports.job_rows import SYSTEM, needs
from core.imports.may_import import may
from core.mail.smtp import can_send, send
from core.store import Row, reader, scope_of
from core.store.staging import STORE

log = logging.getLogger("kundenblick")
# The people who ran this mapping, the last one first.
_WHO = f"""SELECT m.staff_member_id, m.email, m.language, max(j.import_job_id) AS last FROM {STORE}.import_job j
    JOIN {STORE}.staff_member m ON m.staff_member_id = j.staff_member_id AND m.is_active
    WHERE j.mapping = $name AND j.state = 'done' GROUP BY ALL ORDER BY last DESC"""


def tell_stopped(settings: Settings, row: Row) -> bool:
    """Mail the person who ran a job's mapping last and may still do so; return whether a mail was handed over."""
    if not can_send(settings):
        return False
    with reader(SYSTEM) as r:
        people = r.rows(_WHO, name=row["mapping"])
        firm = r.value(f"SELECT name FROM {STORE}.firm") or ""
    who = next((each for each in people if may(scope_of(Viewer.staff(each["staff_member_id"])), needs(row))), None)
    if who is None:
        return False
    link = f"{base_url(settings)}/imports?import={row['import_job_id']}"
    try:
        with speaking(who["language"] or "de"):
            mark = f"import.{row['import_job_id']}.{row['state']}"
            send(settings, who["email"], t("mail.import_subject", firm=firm), t("mail.import_text", firm=firm, link=link), mark=mark)
    except AppError as problem:
        log.warning("a mail about an import was not sent: %s", problem.code)
        return False
    return True
