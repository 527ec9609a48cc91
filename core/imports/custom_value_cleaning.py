"""Check imported values of custom fields by the type of their field, and store them as the form does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.base.errors import InvalidValue
from core.base.fields import Field, as_stored, clean_value
from core.imports.parsing import as_date, as_decimal, as_yes_no
from core.imports.problems import RowRejected
from core.imports.value_rules import refusal

ROWS_PER_PIECE = 25_000
CLEANED = {"n": "BIGINT", "value": "VARCHAR", "member": "BIGINT"}
_SCHEMA = pa.schema([("n", pa.int64()), ("value", pa.string()), ("member", pa.int64())])


def clean_one(one: Field, text: str, decimal: str = ".", day: str | None = None, members: dict[str, int] | None = None) -> object:
    """Return the value of a text, with numbers and days written as the file writes them. Raises RowRejected."""
    value: object = text
    if one.type in ("number", "money"):
        value = as_decimal(text, decimal)
    elif one.type == "date":
        value = as_date(text, day)
    elif one.type == "yes_no":
        value = as_yes_no(text)
    elif one.type == "staff_member":
        value = (members or {}).get(text.strip()) or (members or {}).get(text.strip().lower())
        if value is None:
            raise RowRejected("member_unknown", value=text)
        return value
    try:
        value = clean_value(one, value)
    except InvalidValue as bad:
        if bad.problem[0] == "choice_unknown":
            raise RowRejected("code", value=text, known=", ".join(one.options)) from None
        raise refusal(bad, text) from None
    if value is None:
        raise RowRejected("value_missing", field=one.label)
    return value


def clean_values(
    folder: Path, _say: Callable[[str, dict], None], *, number: int, fields: dict[str, list], members: dict[str, int], decimal: str, date: str | None,
    own: bool = False,
) -> dict:  # fmt: skip
    """Read ``values<number>.parquet`` (n, line, custom_field_id, value) and write ``cleaned<number>.parquet`` (``CLEANED``).

    ``fields`` holds type, options and label by id; values that are ``own`` stay as they are, but for the numbers of members. Answers with ``refused``: n, line, code and values of each.
    """
    known = {int(i): Field(i, type_, label, options=tuple(json.loads(options or "[]"))) for i, (type_, options, label) in fields.items()}
    refused = []
    with pq.ParquetWriter(folder / f"cleaned{number}.parquet", _SCHEMA) as out:
        for piece in pq.ParquetFile(folder / f"values{number}.parquet").iter_batches(ROWS_PER_PIECE):
            rows: list[tuple[int, str | None, object]] = []
            for n, line, custom_field_id, text in zip(*(column.to_pylist() for column in piece.columns), strict=True):
                one = known[custom_field_id]
                if own and one.type != "staff_member":
                    rows.append((n, text, None))
                    continue
                try:
                    value = clean_one(one, text, decimal, date, members)
                except RowRejected as problem:
                    refused.append([n, line, problem.code, {"field": one.label} | problem.values])
                    continue
                rows.append((n, as_stored(value), value if one.type == "staff_member" else None))
            columns = [pa.array([row[place] for row in rows], kind) for place, kind in enumerate(_SCHEMA.types)]
            out.write_table(pa.table(columns, schema=_SCHEMA))
    return {"refused": refused}
