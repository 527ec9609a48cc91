"""Compile the expressions of a mapping: column names, Decimal arithmetic, a few functions. Never evaluated by Python."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, DivisionByZero, InvalidOperation
from typing import Any

from core.base.numbers import bounded
from core.imports import cells
from core.imports.extf_line import fields_of_line
from core.imports.mapping import Source
from core.imports.parsing import Noted, as_date, as_decimal, as_moment, as_text
from core.imports.problems import RowRejected

Row = Sequence[object]
Compiled = Callable[[Row], object]
MAX_EXPRESSION_CHARS = 2_000
MAX_DEPTH = 30
# Functions over the rows of a joined file, by the number of what they are given: its name, and one expression or two.
OVER_JOINED = {"sum": 2, "count": 1, "lookup": 2, "first": 3, "last": 3}
_ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_COMPARE = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


class ExpressionError(Exception):
    """Raised for an expression that does not parse or uses an unknown name; ``code`` and ``values`` make its sentence."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class Compiler:
    """Compile expressions over one file's columns to functions of a row.

    ``joined("sum", name, inner)`` yields the function for ``sum(name, inner)``, and so on for those of ``OVER_JOINED``.
    """

    def __init__(self, columns: list[str], source: Source, joined: Callable[..., Compiled] | None = None) -> None:
        self.places = {name: place for place, name in enumerate(columns)}
        self.doubled = {name for name in columns if columns.count(name) > 1} if len(self.places) < len(columns) else set()
        self.source, self.joined = source, joined
        # What was left of cells that were taken over in part, since somebody last asked.
        self.notes: list[Noted] = []
        self.functions: Mapping[str, tuple[int, int, Callable]] = {
            "date": (1, 2, lambda x, form=None: as_date(x, form or source.date, source.zone)),
            "moment": (1, 2, lambda x, form=None: as_moment(x, form or source.moment, source.zone)),
            "decimal": (1, 2, lambda x, mark=None: as_decimal(x, mark or source.decimal)),
            "text": (1, 1, as_text),
            "lower": (1, 1, lambda x: _each(str.lower, as_text(x))),
            "upper": (1, 1, lambda x: _each(str.upper, as_text(x))),
            "trim": (1, 1, lambda x: _each(str.strip, as_text(x)) or None),
            "concat": (1, 20, lambda *xs: "".join(as_text(x) or "" for x in xs) or None),
            "coalesce": (1, 20, lambda *xs: next((x for x in xs if x is not None and x != ""), None)),
            "country": (1, 1, cells.country_code),
            "phone": (1, 1, cells.only_telephone),
            "phones": (2, 2, lambda x, place: cells.telephone(x, _place(place))),
            "email": (1, 1, cells.only_address),
            "emails": (2, 2, lambda x, place: cells.address(x, _place(place))),
            "street": (1, 1, cells.street),
            "postcode": (1, 1, cells.postcode),
            "city": (1, 1, cells.city),
            "split": (1, 2, cells.split),
            "replace": (3, 3, _replace),
            "part": (3, 3, _part),
            "round": (1, 2, lambda x, places=Decimal(0): _round(self._number(x), places)),
            "abs": (1, 1, lambda x: _each(abs, self._number(x))),
            "days": (
                2,
                2,
                lambda x, n: None if x is None or n is None else _each(_days, as_date(x, source.date, source.zone), self._number(n)),
            ),
        }

    def compile(self, text: str) -> Compiled:
        """Return the function for an expression; a text that is exactly a column's name is that column. Raises ExpressionError."""
        if text in self.places:
            return self._column(text)
        if len(text) > MAX_EXPRESSION_CHARS:
            raise ExpressionError("expression_long", longest=MAX_EXPRESSION_CHARS)
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ExpressionError("expression_syntax", text=text) from None
        return self.build(tree)

    def columns_of(self, text: str) -> dict[str, int]:
        """Return the columns an expression reads, by name their places; nothing for one that does not parse."""
        if text in self.places:
            return {text: self.places[text]}
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {}  # told when it is compiled
        names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
        names += [str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        return {name: self.places[name] for name in names if name in self.places}

    def build(self, node: ast.expr, depth: int = 0) -> Compiled:
        """Return the function for a parsed node. Raises ExpressionError."""
        if depth > MAX_DEPTH:
            raise ExpressionError("expression_long", longest=MAX_EXPRESSION_CHARS)

        def inner(part: ast.expr) -> Compiled:
            return self.build(part, depth + 1)

        match node:
            case ast.Constant():
                return _constant(node)
            case ast.BoolOp(op=op, values=values):
                return _all_or_any(op, [inner(value) for value in values])
            case ast.Name(id=name):
                return self._column(name)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return self._arithmetic(_ARITHMETIC[type(op)], inner(left), inner(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._arithmetic(operator.sub, lambda _row: Decimal(0), inner(operand))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                denied = inner(operand)
                return lambda row: not denied(row)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition, yes, no = inner(test), inner(body), inner(orelse)
                return lambda row: yes(row) if condition(row) else no(row)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compare(op, inner(left), right, inner)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(name, args, inner)
        raise ExpressionError("expression_unknown", text=ast.unparse(node))

    def _column(self, *names: str) -> Compiled:
        """Return the function for the first of these columns that the file has. Raises ExpressionError."""
        name = next((name for name in names if name in self.places), None)
        if name is None:
            raise ExpressionError("column_unknown", column=" | ".join(names), known=", ".join(self.places))
        if name in self.doubled:
            raise ExpressionError("column_double", column=name)
        return operator.itemgetter(self.places[name])

    def _meta(self, place: object) -> Compiled:
        """Return the function for a field, from 1, of the line above the head of an EXTF file. Raises ExpressionError."""
        line = fields_of_line(self.source)
        if line is None or type(place) is not int or not 1 <= place <= len(line):
            raise ExpressionError("meta_none", place=place)
        value = line[place - 1] or None
        return lambda _row: value

    def _number(self, value: object) -> Decimal | None:
        return as_decimal(value, self.source.decimal)

    def _arithmetic(self, how: Callable, left: Compiled, right: Compiled) -> Compiled:
        def run(row: Row) -> Decimal | None:
            one, two = self._number(left(row)), self._number(right(row))
            if one is None or two is None:
                return None
            try:
                return how(one, two)
            except (InvalidOperation, DivisionByZero):
                raise RowRejected("not_computable") from None

        return run

    def _compare(self, op: ast.cmpop, left: Compiled, right: ast.expr, inner: Callable) -> Compiled:
        if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.Tuple | ast.List):
            among, wanted = [inner(v) for v in right.elts], isinstance(op, ast.In)
            return lambda row: (left(row) in [option(row) for option in among]) is wanted
        if type(op) not in _COMPARE:
            raise ExpressionError("expression_unknown", text=type(op).__name__)
        how, other = _COMPARE[type(op)], inner(right)

        def run(row: Row) -> bool:
            one: Any = left(row)
            two: Any = other(row)
            if isinstance(two, Decimal) or isinstance(one, Decimal):
                one, two = self._number(one), self._number(two)
            elif isinstance(two, date | datetime) and isinstance(one, str):
                one = as_date(one, self.source.date, self.source.zone)
            elif isinstance(one, date | datetime) and isinstance(two, str):
                two = as_date(two, None)
            if one is None or two is None:
                return how in (operator.eq, operator.ne) and how(one, two)
            try:
                return how(one, two)
            except TypeError:
                raise RowRejected("not_comparable", one=as_text(one), two=as_text(two)) from None

        return run

    def _call(self, name: str, args: list[ast.expr], inner: Callable) -> Compiled:
        if name == "column" and args and all(isinstance(arg, ast.Constant) for arg in args):
            return self._column(*(str(arg.value) for arg in args if isinstance(arg, ast.Constant)))
        if name == "meta" and len(args) == 1 and isinstance(args[0], ast.Constant):
            return self._meta(args[0].value)
        if name in OVER_JOINED and self.joined and args and isinstance(args[0], ast.Name):
            if len(args) != OVER_JOINED[name]:
                raise ExpressionError("function_arguments", name=name)
            return self.joined(name, args[0].id, *args[1:])
        if name not in self.functions:
            raise ExpressionError("function_unknown", name=name, known=", ".join(["column", "meta", *OVER_JOINED, *self.functions]))
        least, most, function = self.functions[name]
        if not least <= len(args) <= most:
            raise ExpressionError("function_arguments", name=name)
        parts = [inner(arg) for arg in args]

        def run(row: Row) -> object:
            value = function(*[part(row) for part in parts])
            if type(value) is Noted:
                self.notes.append(value)
                return value.value
            return value

        return run


def _constant(node: ast.Constant) -> Compiled:
    """Return the function of a fixed value: a text, yes or no, nothing, or a number as a Decimal. Raises ExpressionError."""
    value = node.value
    if value is None or isinstance(value, bool | str):
        return lambda _row: value
    if not isinstance(value, int | float):
        raise ExpressionError("expression_unknown", text=ast.unparse(node))
    try:
        number = bounded(Decimal(value) if isinstance(value, int) else Decimal(str(value)))
    except ValueError:
        raise ExpressionError("expression_number", text=ast.unparse(node)[:40]) from None
    return lambda _row: number


def _all_or_any(op: ast.boolop, parts: list[Compiled]) -> Compiled:
    combine = all if isinstance(op, ast.And) else any
    return lambda row: combine(part(row) for part in parts)


def _place(number: object) -> int:
    """Return a place in a cell, from 1. Raises RowRejected for what is none."""
    try:
        return int(bounded(Decimal(str(number))))
    except (InvalidOperation, ValueError):
        raise RowRejected("not_computable") from None


def _part(value: object, separator: object, number: object) -> str | None:
    pieces = (as_text(value) or "").split(as_text(separator) or " ")
    place = _place(number) - 1
    return pieces[place].strip() or None if 0 <= place < len(pieces) else None


def _each(function: Callable[..., Any], *values: object) -> Any:
    """Return what the function makes of these values; None where one of them is missing."""
    return None if any(value is None for value in values) else function(*values)


def _replace(value: object, old: object, new: object) -> str | None:
    text, sought = as_text(value), as_text(old)
    return text if text is None or sought is None else text.replace(sought, as_text(new) or "")


def _days(day: date, number: Decimal) -> date:
    try:
        return day + timedelta(days=int(number))
    except OverflowError:
        raise RowRejected("not_computable") from None


def _round(value: Decimal | None, places: Decimal) -> Decimal | None:
    if value is None:
        return None
    try:
        return value.quantize(Decimal(1).scaleb(-min(int(places), 10)), ROUND_HALF_UP)
    except InvalidOperation:
        raise RowRejected("not_computable") from None
