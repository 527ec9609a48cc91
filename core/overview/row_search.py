"""Find a word in what people read in a row's cells: texts, words of codes, days, amounts and hours as they are shown.

The same texts as ``written`` of core/ui/parts/columns.py and the days and moments of the table; a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from core.base.text_folding import folds
from core.i18n import language, t, words_of
from core.i18n.devices import device_in_sql
from core.i18n.formats import day_pattern, hours, moment_pattern, money, zone
from core.overview.spec import Column, Widget

_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[^\d\s.,:/]+")
_ZERO = re.compile(r"0(?:[.,](0+))?")
# Case, accents and ß do not count.
_FOLDED = "strip_accents(replace(lower({}), 'ß', 'ss'))"

# Kinds whose cells show digits, with the same letters in every row.
_FIGURES = ("date", "moment", "money", "hours", "progress", "stage", "payable")

Term = tuple[str, dict[str, object]]


def codes_of(widget: Widget, column: Column) -> dict[str, str]:
    """Return the word of each code of a column, in the viewer's language."""
    prefix = f"widgets.{widget.key}.{column.key}."
    return {key.removeprefix(prefix): t(key) for key in words_of(language()) if key.startswith(prefix)}


def holds(widget: Widget, columns: Sequence[Column], word: str, name: str) -> Term:
    """Return the condition that a row of the widget shows a word in one of its cells.

    Args:
        widget: whose query the condition is for.
        columns: the columns that are shown.
        word: what is looked for.
        name: parameter for the word; others that are needed begin with it or have fixed names.

    Returns:
        The SQL condition and its parameters.
    """
    given: dict[str, object] = {}
    terms: list[str] = []
    if texts := [column.key for column in columns if column.kind in ("text", "stage")]:
        terms.append(f"contains({_FOLDED.format(_beside(texts))}, {_FOLDED.format(f'${name}')})")
        given[name] = word
    for named in (column for column in columns if column.kind == "device"):
        text, more = device_in_sql(named.key)
        terms.append(f"contains({_FOLDED.format(text)}, {_FOLDED.format(f'${name}')})")
        given |= more | {name: word}
    figures = [column for column in columns if column.kind in _FIGURES]
    if figures and _DIGIT.search(word):
        # Writing figures out is what takes time; a word without a digit is looked for in the letters around them.
        shown = [_figure(column) for column in figures]
        terms.append(f"contains({_beside([text for text, _ in shown])}, ${name})")
        given |= {key: value for _, more in shown for key, value in more.items()} | {name: word}
    else:
        terms += [f"{column.key} IS NOT NULL" for column in figures if _reads(_around(column), word)]
    for column in columns:
        term, more = _coded(widget, column, word, f"{name}_{column.key}")
        terms += [term] if term else []
        given |= more
    return f"({' OR '.join(terms) or 'FALSE'})", given


def _beside(cells: Sequence[str]) -> str:
    """Return SQL for the texts of cells, one after the other."""
    return f"concat_ws(' ', {', '.join(cells)})"


def _reads(text: str, word: str) -> bool:
    """Return whether a text holds a word; case, accents and ß do not count."""
    return folds(word)[0] in folds(text)[0]


def _coded(widget: Widget, column: Column, word: str, name: str) -> Term:
    """Return the condition that the word of a row's code in this column holds ``word``; empty where no code's word does."""
    key, words = column.key, f"widgets.{widget.key}"
    match column.kind:
        case "flag":
            cases = {key: t(f"{words}.mark")}
        case "yes_no":
            cases = {key: t("common.yes"), f"NOT {key}": t("common.no")}
        case "payable":
            cases = {
                f"coalesce({key}, 0) = 0": t(f"{words}.payable.no"),
                f"({key} > 0 AND {key} >= open_amount)": t(f"{words}.payable.full"),
            }
        case "choice":
            word_of = codes_of(widget, column)
            codes = [code for code, text in word_of.items() if _reads(text, word)]
            # Overdue is not stored; it is shown before the word of the code: *überfällig · offen*.
            late = ["is_overdue"] if "overdue" in word_of and _reads(f"{word_of['overdue']} ·", word) else []
            return " OR ".join([*late, *([f"list_contains(${name}, {key})"] if codes else [])]), {name: codes} if codes else {}
        case _:
            cases = {}
    return " OR ".join(condition for condition, text in cases.items() if _reads(text, word)), {}


def _figure(column: Column) -> Term:
    """Return SQL for the text a cell of figures shows, and its parameters."""
    key = column.key
    match column.kind:
        case "date":
            return f"strftime({key}, $day_form)", {"day_form": day_pattern()}
        case "moment":
            there = f"timezone($zone, timezone('UTC', {key}))"
            return f"strftime({there}, $moment_form)", {"moment_form": moment_pattern(), "zone": str(zone())}
        case "hours":
            whole = f"CASE WHEN {key} < 60000 THEN ({key} // 60)::VARCHAR ELSE replace(format('{{:,}}', {key} // 60), ',', $thousands) END"
            return f"{whole} || ':' || lpad(({key} % 60)::VARCHAR, 2, '0')", {"thousands": "." if language() == "de" else ","}
        case "progress":
            return f"{key} || ' ' || {column.of}", {}
        case "stage":
            return "place || ' ' || places", {}
        case _:
            return _amount(column)


def _amount(column: Column) -> Term:
    """Return SQL for an amount as it is shown, *1.234,50 €*, and from a thousand on also as people type it, *1234,50*."""
    key, shown = column.key, money(Decimal(0))
    zero = _ZERO.search(shown)
    if zero is None:
        raise ValueError(f"no digits in an amount: {shown}")
    places = len(zero[1] or "")
    plain, grouped = f"abs({key})::DECIMAL(18, {places})::VARCHAR", f"format('{{:,.{places}f}}', abs({key}))"
    if language() == "de":
        plain, grouped = f"replace({plain}, '.', ',')", f"translate({grouped}, ',.', '.,')"
    below = f"CASE WHEN {key} < 0 THEN '-' ELSE '' END || $money_before"
    amount = f"CASE WHEN abs({key}) < 1000 THEN {below} || {plain} ELSE {below} || {grouped} || ' ' || {plain} END || $money_after"
    if column.kind == "payable":
        amount = f"CASE WHEN {key} > 0 AND {key} < open_amount THEN {amount} END"
    return amount, {"money_before": shown[: zero.start()], "money_after": shown[zero.end() :]}


def _around(column: Column) -> str:
    """Return the letters around the digits of every cell of a column of figures: *€*, *h*, *von*."""
    match column.kind:
        case "money":
            sample = money(Decimal(1))
        case "hours":
            sample = hours(1)
        case "progress":
            sample = t("widgets.common.of", x=1, y=1)
        case "stage":
            sample = t("widgets.common.stage", x=1, y=1, name="")
        case _:
            sample = ""
    return " ".join(_LETTERS.findall(sample))
