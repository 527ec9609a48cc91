"""The columns of *Kunden*: what each is, how it is read, sorted and compared, and who may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.base.fields import Field
from core.base.rights import Right
from core.clients.account_record import KINDS
from core.clients.custom_field_columns import FieldColumn, columns_of
from core.clients.custom_fields import key_of
from core.store import Reader

STATES = ("active", "pending", "offline", "archived")
# What a column is: it decides which conditions it has and how its values are written. ``moment`` is a stored moment, ``day`` a day.
Kind = Literal["text", "number", "money", "count", "hours", "day", "moment", "choice"]
NUMBERS: frozenset[Kind] = frozenset({"number", "money", "count", "hours"})
DAYS: frozenset[Kind] = frozenset({"day", "moment"})
# Custom field types that are more than a text; texts that are chosen from a list are a choice.
_KIND_OF: dict[str, Kind] = {
    "number": "number", "money": "money", "date": "day", "yes_no": "choice", "choice": "choice", "choices": "choice", "staff_member": "choice",
}  # fmt: skip


@dataclass(frozen=True)
class ListColumn:
    """A column of the list.

    Args:
        key: By which the list, the address and a saved view name it; ``field:<id>`` for a custom field.
        kind: What it is.
        value: SQL of its value over the joined tables, or ''.
        values: SELECT of (account_id, value) where one account may have several values, or ''.
        sort: SQL terms it is sorted by.
        joins: Names of the joins (``JOINS``) that ``value`` and ``sort`` need.
        rights: Who lacks one of these does not have the column.
        codes: The codes of a choice that is the same for every firm.
        field: The custom field it shows.
        order: SELECT of (account_id, value) by which a custom field is sorted, one row for each account, or ''.
    """

    key: str
    kind: Kind
    value: str = ""
    values: str = ""
    sort: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    rights: frozenset[Right] = frozenset()
    codes: tuple[str, ...] = ()
    field: Field | None = None
    order: str = ""

    @property
    def may_be_empty(self) -> bool:
        """Return whether there can be accounts without a value."""
        return self.key not in ("number", "name", "kind", "state")


def _places(link: str, of: str) -> str:
    """Return a join of (account_id, places): the ranks of its first three names among all names, which sort as the joined names do."""
    return f"""LEFT JOIN (SELECT l.account_id, min(n.place, 3) AS places FROM {link} l
        JOIN (SELECT {of}_id, row_number() OVER (ORDER BY name COLLATE NOACCENT.NOCASE, {of}_id) AS place FROM {of}) n USING ({of}_id)
        GROUP BY l.account_id)"""


# Joins by the alias that values and sort terms use; names are sorted folded, as a German index does.
JOINS = {
    "s": "LEFT JOIN search_text s ON s.account_id = a.account_id",
    "f": "LEFT JOIN account_figure f ON f.account_id = a.account_id",
    "h": "LEFT JOIN account_habit h ON h.account_id = a.account_id",
    "g": f"{_places('account_tag', 'tag')} g ON g.account_id = a.account_id",
    "m": f"{_places('assignment', 'staff_member')} m ON m.account_id = a.account_id",
}
# What is overdue on a day, from the days the figures keep.
OVERDUE_AMOUNT = "coalesce(list_sum([d.amount FOR d IN f.invoice_dues IF d.due_on < $today]), 0)::DECIMAL(18, 2)"
OVERDUE_TASKS = "coalesce(len(list_filter(f.task_dues, lambda d: d < $today)), 0)"
# Nothing came of the client for so many days. It is silence against its habit beyond what is usual, a week at least; ``never_so_long``
# beyond the longest there was. Who has no habit is never silent.
SILENT_DAYS = "($today - CAST(f.last_client_at AS DATE))"
SILENCE = f"""CASE WHEN h.usual_days IS NULL OR f.last_client_at IS NULL THEN NULL
    WHEN {SILENT_DAYS} > greatest(h.longest_days, h.usual_days, 7) THEN 'never_so_long'
    WHEN {SILENT_DAYS} > greatest(h.usual_days, 7) THEN 'silent' END"""
SILENCES = ("silent", "never_so_long")


def _of_account(key: str, kind: Kind, **more: object) -> ListColumn:
    return ListColumn(key, kind, f"a.{key}", sort=(f"a.{key}",), **more)  # type: ignore[arg-type]


def _figure(key: str, kind: Kind, *rights: Right, value: str = "") -> ListColumn:
    shown = value or f"f.{key}"
    return ListColumn(key, kind, shown, sort=(shown,), joins=("f",), rights=frozenset(rights))


_MONEY, _TIME = Right.SEE_INVOICES, Right.SEE_ALL_TIME
STANDARD = (
    ListColumn("number", "text", "a.number", sort=("length(a.number)", "a.number")),
    ListColumn("name", "text", "s.name", sort=("s.name",), joins=("s",)),
    _of_account("kind", "choice", codes=KINDS),
    _of_account("state", "choice", codes=STATES),
    ListColumn("tags", "choice", values="SELECT account_id, tag_id AS value FROM account_tag", sort=("g.places",), joins=("g",)),
    ListColumn("team", "choice", values="SELECT account_id, staff_member_id AS value FROM assignment", sort=("m.places",), joins=("m",)),
    _figure("open_amount", "money", _MONEY),
    _figure("net_due", "money", _MONEY),
    _figure("overdue_amount", "money", _MONEY, value=OVERDUE_AMOUNT),
    _figure("unread_count", "count"),
    _figure("new_count", "count"),
    _figure("open_task_count", "count"),
    _figure("overdue_task_count", "count", value=OVERDUE_TASKS),
    _figure("to_sign_count", "count"),
    _figure("unbilled_minutes", "hours", _TIME),
    _figure("unbilled_amount", "money", _TIME, Right.SEE_RATES),
    _figure("last_login_at", "moment"),
    _figure("last_activity_at", "moment"),
    _figure("last_client_at", "moment"),
    ListColumn("silence", "choice", SILENCE, sort=(SILENCE,), joins=("f", "h"), codes=SILENCES),
)
COLUMNS = tuple(column.key for column in STANDARD)
# Shown to who has chosen no columns.
USUAL = ("number", "name", "state", "tags", "team", "net_due", "unread_count", "last_activity_at")
# Where there is room for few: on a phone.
USUAL_NARROW = ("name", "net_due", "unread_count")


def _of_field(number: int, column: FieldColumn) -> ListColumn:
    kind = _KIND_OF.get(column.field.type, "text")
    return ListColumn(
        key_of(number), kind, values=column.values, sort=(f"v.value{column.collation}",), codes=column.field.options, field=column.field,
        order=column.order,
    )  # fmt: skip


def list_columns(r: Reader, known: dict[int, FieldColumn] | None = None) -> dict[str, ListColumn]:
    """Return the columns this viewer has by key, in the list's order: those of every firm, then the custom fields."""
    own = columns_of(r) if known is None else known
    every = (*STANDARD, *(_of_field(number, column) for number, column in own.items()))
    return {column.key: column for column in every if all(map(r.scope.allows, column.rights))}
