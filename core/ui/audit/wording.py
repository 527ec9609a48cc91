"""An entry of the record in plain words."""

from __future__ import annotations

from datetime import datetime

from core.audit.examination import finding_of
from core.audit.legacy_names import LEGACY_NAMES
from core.audit.log import NOTED
from core.i18n import t
from core.i18n.formats import moment
from core.store import Finding, Row
from core.ui.info.history_words import field_word, value_word, what_word, word

_NOTED = frozenset(action for actions in NOTED.values() for action in actions) | {"imported", "accepted", "erased", "restored"}


def who_word(row: Row) -> str:
    """Return who did it: the person, or the kind of actor."""
    return row["who"] or t(f"history.kind.{row['who_kind']}")


def account_word(row: Row) -> str:
    """Return which client an entry is about: marked when it was deleted, without a name when the viewer may not see it."""
    if row["account_id"] is None:
        return ""
    if not row["account"]:
        return t("audit.unseen_account")
    return t("audit.gone", name=row["account"]) if row["gone"] else f"{row['account']} · {row['number']}"


def did_word(row: Row) -> str:
    """Return what happened."""
    if row["action"] == "refused":
        return t("audit.refused", what=refused_word(row["new_value"]))
    if row["action"] in NOTED["view_as"]:
        return t(f"audit.action.{row['action']}", name=row["label"] or "–")
    done = word(f"audit.action.{row['action']}", word(f"history.action.{row['action']}", row["action"]))
    if row["action"] in _NOTED and row["action"] != "erased":
        return done
    about = what_word(row)
    if row["label"] and row["label"] not in about and not row["entity"].endswith("_field_value"):
        about = f"{about} {row['label']}"
    field = field_word(row["entity"], row["field"], row["label"])
    return f"{about}: {field} {done}" if field else f"{about} {done}"


def refused_word(thing: str | None) -> str:
    """Return what somebody was refused: a page, a client, the work of a right, or what a verb is about."""
    if not thing:
        return t("audit.withheld")
    name = LEGACY_NAMES.get(thing, thing)
    return word(f"audit.thing.{name}", name)


def old_word(row: Row) -> str:
    """Return the value before."""
    return _value(row, "old")


def new_word(row: Row) -> str:
    """Return the value after, or what else an entry says."""
    if row["action"] == "verified" and not row["is_withheld"]:
        return verdict_word(finding_of(row["new_value"]))
    if row["action"] == "view_began" and row["new_value"]:
        return t("audit.until", moment=moment(datetime.fromisoformat(row["new_value"])))
    if row["entity"] == "firm" and row["new_value"] == "sample":
        return t("common.sample")
    return _value(row, "new")


def _value(row: Row, which: str) -> str:
    if row["is_withheld"]:
        return t("audit.withheld") if row["field"] else ""
    if row[f"{which}_erased"]:
        return t("history.erased")
    return value_word(row, row[f"{which}_value"])


def way_word(row: Row) -> str:
    """Return the way the change came: a form, an import, the command line."""
    return word(f"history.way.{row['through']}", row["through"])


def verdict_word(finding: Finding | None) -> str:
    """Return what an examination found."""
    return t(f"audit.found.{finding.code}", number=finding.number, last=finding.last) if finding else t("audit.whole")
