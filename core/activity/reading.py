"""Read the figures of *Auswertung* and the lists behind them, over the clients a viewer sees and wants."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime, time, timedelta
from typing import Any

from core.access.verbs import require
from core.activity.ledger import moments, over_ledger
from core.activity.local_time import local
from core.activity.measures import MEASURES, Column, Measure
from core.activity.office_time import HEARD_DAYS, office_parameters
from core.activity.picks import Period, Pick
from core.base.errors import NotAllowed
from core.base.rights import Right, Viewer
from core.clients.accounts import AccountQuery, Subset, matching
from core.clients.list_columns import SILENCE, SILENT_DAYS
from core.i18n.formats import today, zone
from core.identity.opening_hours import office_of
from core.overview.net_due import RULES
from core.store import Reader, Row, cached, now, reader

_NAME = re.compile(r"\$([a-z_0-9]+)")
_LOCAL = re.compile(r"\{local\(([^)]*)\)\}")
# Tables that decide which clients are wanted.
WISH_TABLES = (
    "account_tag", "assignment", "account_field_value", "contact_field_value", "account_contact", "custom_field", "search_text", "tag",
    "account_figure", "account_habit", "cohort", "cohort_account",
)  # fmt: skip
# The most rows an export has.
MAX_ROWS = 200_000


@dataclass(frozen=True)
class Asked:
    """A query as it was put: its text, its parameters by name."""

    text: str
    parameters: Mapping[str, object]


@dataclass(frozen=True)
class Listed:
    """A page of a list: its rows hold account_id, client, number, kind and item_id besides the columns; ``clients`` counts over all pages."""

    columns: tuple[Column, ...]
    rows: Sequence[Row]
    total: int
    clients: int
    sums: Mapping[str, Any]
    asked: Asked


@dataclass(frozen=True)
class Wanted:
    """Which clients and which time are looked at."""

    query: AccountQuery = dataclass_field(default_factory=AccountQuery)
    period: Period | None = None

    @property
    def key(self) -> Hashable:
        """Return what tells it from others, for the cache."""
        return repr((self.query.text, tuple(self.query.conditions), self.query.subsets, self.period))


def columns_for(r: Reader, measure: Measure) -> tuple[Column, ...]:
    """Return the columns of a measure that the viewer may see."""
    return tuple(column for column in measure.columns if column.right is None or r.scope.allows(column.right))


def rows_query(r: Reader, measure: Measure, wanted: Wanted) -> Asked:
    """Return the query of a measure's rows, of all clients one sees."""
    text = over_ledger(f"measure_{measure.key}")
    for name, rule in (*RULES, ("silence", SILENCE), ("silent_days", SILENT_DAYS)):
        text = text.replace(f"{{{name}}}", rule)
    day = today()
    midnight = datetime.combine(day, time())
    given: dict[str, object] = moments() | {
        "fortnight": day + timedelta(14), "week_ago": midnight - timedelta(7), "now": midnight,
        "month_ago": midnight - timedelta(30), "quarter_ago": midnight - timedelta(90), "year_ago": day - timedelta(365),
    }  # fmt: skip
    if measure.has_period:
        period = wanted.period or Period(day - timedelta(89), day)
        since, until = period.moments(zone())
        given |= {"since": since, "until": until, "first": period.first, "last": period.last}
        if "$opens" in text:
            given |= office_parameters(period, office_of(r))
        earliest = since - timedelta(HEARD_DAYS + 1)
        text = _LOCAL.sub(lambda found: local(found[1], earliest, max(until, now()) + timedelta(1), zone()), text)
    return _filled(text, given)


def _filled(text: str, given: Mapping[str, object]) -> Asked:
    bare = re.sub(r"--[^\n]*", "", text)
    names = set(_NAME.findall(bare))
    return Asked(text, {name: value for name, value in given.items() if name in names})


def _among(r: Reader, wanted: Wanted) -> Asked:
    """Return the condition over the rows ``x`` that keeps those of the wanted clients."""
    if not wanted.query.text.strip() and not wanted.query.conditions and not wanted.query.subsets:
        return Asked("x.account_id NOT IN (SELECT z.account_id FROM account z WHERE z.archived_at IS NOT NULL)", {})
    chosen, given = matching(r, wanted.query)
    return Asked(f"x.account_id IN ({chosen})", given)


def picked(pick: Pick) -> Asked:
    """Return the condition over the rows ``x`` that keeps those of a list."""
    terms, given = ["TRUE"], {}
    for place, (dimension, value) in enumerate(zip(pick.of.dimensions, pick.values, strict=True)):
        if value is not None:
            terms.append(f"x.{dimension.key} = $picked_{place}")
            given[f"picked_{place}"] = value
    return Asked(" AND ".join(terms), given)


def read_figures(viewer: Viewer, measure: Measure, wanted: Wanted, by: Sequence[str] | None = None) -> list[Row]:
    """Return the measure's figures: rows of its dimensions (``by``: some of them), ``items``, its sums and its statistics.

    Raises NotAllowed without the right *analyse*, or the measure's own.
    """
    names = [dimension.key for dimension in measure.dimensions] if by is None else list(by)
    require(viewer, Right.ANALYSE)
    if measure.right is not None:
        require(viewer, measure.right)

    def read(r: Reader) -> list[Row]:
        asked = figures_query(r, measure, wanted, names)
        return r.rows(asked.text, **asked.parameters)

    key = ("figures", measure.key, wanted.key, tuple(names), today())
    # A cohort that is evaluated anew may be a list of any measure.
    of_subsets = {table for other in MEASURES.values() for table in other.tables} if wanted.query.subsets else set[str]()
    return cached(viewer, key, read, *sorted({"account", *measure.tables, *WISH_TABLES, *of_subsets}))


def figures_query(r: Reader, measure: Measure, wanted: Wanted, names: Sequence[str]) -> Asked:
    """Return the query of a measure's figures by these dimensions."""
    asked, among = rows_query(r, measure, wanted), _among(r, wanted)
    sums = "".join(f", sum(x.{name}) AS {name}" for name in measure.sums)
    more = "".join(f", {term} AS {name}" for name, term in measure.statistics)
    keys = ", ".join(f"x.{name}" for name in names)
    grouped = f" GROUP BY {keys} ORDER BY {keys}" if keys else ""
    text = f"SELECT {keys + ', ' if keys else ''}count(*) AS items{sums}{more}\nFROM (\n{asked.text}\n) AS x\nWHERE {among.text}{grouped}"
    return Asked(text, {**asked.parameters, **among.parameters})


def list_query(r: Reader, pick: Pick, wanted: Wanted) -> Asked:
    """Return the query of a list's rows ``x``, with the name and number of the client."""
    asked, among, only = rows_query(r, pick.of, wanted), _among(r, wanted), picked(pick)
    text = (
        f"SELECT x.*, k.name AS client, k.number\nFROM (\n{asked.text}\n) AS x\nJOIN account k ON k.account_id = x.account_id\n"
        f"WHERE {only.text}\n  AND {among.text}"
    )
    return Asked(text, {**asked.parameters, **among.parameters, **only.parameters})


def read_list(
    viewer: Viewer, pick: Pick, wanted: Wanted, *, find: str = "", sort: str = "", descending: bool = False, offset: int = 0,
    limit: int | None = 50,
) -> Listed:  # fmt: skip
    """Return a page of a list.

    Args:
        viewer: Who asks.
        pick: The list.
        wanted: Which clients and which time.
        find: A part of the client's name or of a text in the row.
        sort: The key of a column, ``client``, or '' for the measure's own order.
        descending: Sort the other way round.
        offset: How many rows come before.
        limit: The most rows; None for all, up to MAX_ROWS.

    Raises NotAllowed without the right *analyse*, or the measure's own.
    """
    measure = pick.of
    with reader(viewer) as r:
        r.require(Right.ANALYSE)
        if measure.right is not None and not r.scope.allows(measure.right):
            raise NotAllowed()
        columns = columns_for(r, measure)
        asked = list_query(r, pick, wanted)
        given = dict(asked.parameters)
        found = ""
        if find.strip():
            texts = ["l.client", "l.number", *(f"l.{column.key}" for column in columns if column.kind == "text")]
            found = f"WHERE {' OR '.join(f'position($find IN lower({text})) > 0' for text in texts)}"
            given["find"] = find.strip().lower()
        sums = "".join(f", sum(l.{name}) AS {name}" for name in measure.sums)
        total = r.only_row(
            f"SELECT count(*) AS total, count(DISTINCT l.account_id) AS clients{sums} FROM ({asked.text}) AS l {found}", **given
        )
        known = {column.key for column in columns} | {"client"}
        way = "DESC" if descending else "ASC"
        own = measure.order.replace("x.", "l.")
        order = f"l.{sort} {way} NULLS LAST, {own}" if sort in known else own
        page = f" LIMIT {MAX_ROWS if limit is None else int(limit)} OFFSET {int(offset)}"
        rows = r.rows(f"SELECT l.* FROM ({asked.text}) AS l {found} ORDER BY {order}{page}", **given)
        shown = {name: total[name] for name in measure.sums if all(c.key != name for c in measure.columns) or name in known}
        return Listed(columns, rows, total["total"], total["clients"], shown, asked)


def subset_of(viewer: Viewer, pick: Pick, wanted: Wanted, name: str) -> Subset:
    """Return the clients of a list as a condition for *Kunden*; ``name`` begins the names of its parameters.

    It asks for the measure's own right alone: a shared cohort is used by colleagues who may not open *Auswertung*. Raises NotAllowed.
    """
    with reader(viewer) as r:
        if pick.of.right is not None:
            r.require(pick.of.right)
        asked = list_query(r, pick, wanted)
    names = {own: f"{name}_{own}" for own in asked.parameters}
    text = _NAME.sub(lambda found: f"${names.get(found[1], found[1])}", re.sub(r"--[^\n]*", "", asked.text))
    given = tuple((names[own], value) for own, value in asked.parameters.items())
    return Subset(f"SELECT {name}_l.account_id FROM ({text}) AS {name}_l", given)
