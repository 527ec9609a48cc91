"""What is wanted of *Kunden* as it stands in the address and in a saved view: search, conditions, order, page and columns.

``q=müller&net_due=more:500&kind=is:company&kind=is:person&sort=-net_due&columns=number,net_due&page=2``: readable, to be sent to a
colleague, and nothing in it is trusted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.base.errors import InvalidValue
from core.base.text_folding import normalise
from core.clients.list_columns import COLUMNS, ListColumn
from core.clients.list_conditions import MAX_TEXT_CHARS, MAX_VALUES, Condition, clean_condition

Address = dict[str, list[str]]
MAX_PAGE = 1_000_000
# The names of the parts that are no conditions, and of a custom field's condition.
TEXT, SORT, SHOWN, PAGE = "q", "sort", "columns", "page"
COHORT, AMONG = "cohort", "among"
# The time that *Auswertung* looks at: every view of that page names it, and no view of *Kunden* does.
PERIOD = "days"
OWN, OWN_COLUMN = "field-", "field:"
# Parts of a saved view of earlier times, by the column they filtered.
_FORMER = {"kinds": "kind", "states": "state", "tags": "tags", "members": "team"}


@dataclass(frozen=True)
class ListWish:
    """What is wanted of the list; ``columns`` are () for the usual ones.

    ``cohort`` is the id of a cohort, ``among`` a list of *Auswertung* by its address, whose clients are wanted.
    """

    text: str = ""
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    sort: str = "name"
    descending: bool = False
    columns: tuple[str, ...] = ()
    page: int = 1
    cohort: int | None = None
    among: str = ""


@dataclass(frozen=True)
class Read:
    """What an address asks for, as far as it can be followed.

    ``wrong`` are the columns whose condition makes no sense, ``gone`` counts conditions, orders and columns of columns that the viewer
    does not have, or that are gone.
    """

    wish: ListWish
    wrong: tuple[str, ...] = ()
    gone: int = 0


def to_address(wish: ListWish) -> Address:
    """Return the parts of the address, by name; what is as usual is left out."""
    address: Address = {}
    if wish.text.strip():
        address[TEXT] = [wish.text.strip()]
    for key, condition in wish.conditions.items():
        plain = condition.how not in ("is", "has")
        values = [":".join((condition.how, *condition.values))] if plain else [f"{condition.how}:{value}" for value in condition.values]
        address[key.replace(OWN_COLUMN, OWN)] = values
    if wish.cohort is not None:
        address[COHORT] = [str(wish.cohort)]
    if wish.among:
        address[AMONG] = [wish.among]
    if (wish.sort, wish.descending) != ("name", False):
        address[SORT] = [("-" if wish.descending else "") + wish.sort.replace(OWN_COLUMN, OWN)]
    if wish.columns:
        address[SHOWN] = [",".join(key.replace(OWN_COLUMN, OWN) for key in wish.columns)]
    if wish.page > 1:
        address[PAGE] = [str(wish.page)]
    return address


def is_list(names: Iterable[str]) -> bool:
    """Return whether any of these names of an address's parts asks something of the list."""
    return any(name in (TEXT, SORT, SHOWN, PAGE, COHORT, AMONG) or _key(name) in COLUMNS or name.startswith(OWN) for name in names)


def from_address(
    address: Mapping[str, Sequence[str]],
    known: Mapping[str, ListColumn],
    codes: Mapping[str, Sequence[str]],
    cohorts: Collection[int] = (),
    lists: Collection[str] = (),
) -> Read:
    """Return what an address asks for.

    Args:
        address: Its parts, by name.
        known: The columns this viewer has.
        codes: The codes there are in columns that are chosen from a list of the firm's, by key.
        cohorts: The cohorts this viewer may use.
        lists: The lists of *Auswertung* that the address names and this viewer may use.
    """
    conditions: dict[str, Condition] = {}
    wrong: list[str] = []
    gone = 0
    for name, values in address.items():
        key = _key(name)
        if name in (TEXT, SORT, SHOWN, PAGE, COHORT, AMONG) or not (key in COLUMNS or name.startswith(OWN)):
            continue
        column = known.get(key)
        if column is None:
            gone += 1
            continue
        try:
            condition = _condition(column, values)
        except InvalidValue:
            wrong.append(key)
            continue
        kept = tuple(value for value in condition.values if condition.how != "is" or value in codes.get(key, column.codes))
        gone += len(kept) < len(condition.values)
        if kept or condition.how != "is":
            conditions[key] = Condition(key, condition.how, kept)
    asked = _first(address, SORT)
    sort, descending = _key(asked.removeprefix("-")), asked.startswith("-")
    gone += bool(asked) and sort not in known
    asked_columns = [_key(name) for name in _first(address, SHOWN).split(",") if name]
    columns = tuple(key for key in known if key in asked_columns)
    gone += len(columns) < len(set(asked_columns))
    page = _first(address, PAGE)
    asked_cohort, among = _first(address, COHORT), _first(address, AMONG)
    cohort = next((one for one in cohorts if str(one) == asked_cohort), None)
    gone += (bool(asked_cohort) and cohort is None) + (bool(among) and among not in lists)
    return Read(
        ListWish(
            normalise(_first(address, TEXT)[:MAX_TEXT_CHARS]), conditions, *((sort, descending) if sort in known else ("name", False)), columns,
            min(int(page), MAX_PAGE) if page.isdecimal() and page.isascii() and len(page) < 10 and int(page) else 1,
            cohort, among if among in lists else "",
        ),
        tuple(wrong), gone,
    )  # fmt: skip


def _key(name: str) -> str:
    return OWN_COLUMN + name.removeprefix(OWN) if name.startswith(OWN) else name


def _first(address: Mapping[str, Sequence[str]], name: str) -> str:
    values = address.get(name) or [""]
    return values[0]


def _condition(column: ListColumn, values: Sequence[str]) -> Condition:
    """Return the condition that the values of one part of the address say. Raises InvalidValue."""
    how, _, _ = values[0].partition(":") if values else ("", "", "")
    given = [value.partition(":")[2] for value in values[:MAX_VALUES]]
    # Views of earlier times did not tell a choice from a text.
    how = "has" if how == "is" and column.kind != "choice" else how
    if how not in ("is", "has"):
        given = given[0].split(":") if given and given[0] else []
    return clean_condition(column, how, given)


def clean_definition(raw: object) -> Address:
    """Return what a saved view keeps as an address; anything of another shape is left out, views of earlier times are read too."""
    given = dict(raw) if isinstance(raw, Mapping) else {}
    if not given.keys().isdisjoint(("kinds", "states", "members", "text", "fields", "descending")):
        given = {**_of_former(given)}
    clean: Address = {}
    for name, values in given.items():
        if isinstance(name, str) and len(name) <= 40 and name != PAGE and isinstance(values, list | tuple):
            texts = [normalise(value[:2_000]) for value in values if isinstance(value, str)][:MAX_VALUES]
            if texts and (name in (TEXT, SORT, SHOWN, COHORT, AMONG, PERIOD) or _key(name) in COLUMNS or name.startswith(OWN)):
                clean[name] = texts
    return clean


def _of_former(view: Mapping[str, object]) -> Address:
    """Return a view as it was kept before the address held it."""
    made: Address = {}

    def listed(value: object) -> list[str]:
        return (
            [str(each) for each in value if isinstance(each, str | int) and not isinstance(each, bool)] if isinstance(value, list) else []
        )

    for part, column in _FORMER.items():
        made[column] = [f"is:{value}" for value in listed(view.get(part))]
    fields = view.get("fields")
    for number, values in (fields if isinstance(fields, Mapping) else {}).items():
        made[f"{OWN}{number}"] = [f"is:{value}" for value in listed(values)]
    text, sort = view.get("text"), view.get("sort")
    made[TEXT] = [text] if isinstance(text, str) and text else []
    if isinstance(sort, str) and (sort, view.get("descending")) != ("name", False):
        made[SORT] = [("-" if view.get("descending") is True else "") + sort.replace(OWN_COLUMN, OWN)]
    columns = listed(view.get("columns"))
    made[SHOWN] = [",".join(key.replace(OWN_COLUMN, OWN) for key in columns)] if columns else []
    return made


def codes_of(column: ListColumn, tags: Mapping[int, str], members: Mapping[int, str]) -> Sequence[str]:
    """Return the codes of a column that is chosen from, of a firm with these tags and members by id."""
    if column.key == "tags":
        return [str(tag) for tag in tags]
    if column.key == "team" or (column.field and column.field.type == "staff_member"):
        return [str(member) for member in members]
    return ("true", "false") if column.field and column.field.type == "yes_no" else column.codes
