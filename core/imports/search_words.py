"""Compute the search words of imported accounts and contacts, from Parquet files into others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.clients.search_index import contact_row, search_rows

ROWS_PER_PIECE = 25_000
WORD = {"word": "VARCHAR", "account_id": "BIGINT", "rank": "UTINYINT"}
TEXT = {"account_id": "BIGINT", "name": "VARCHAR", "everything": "VARCHAR"}
CONTACT_TEXT = {"contact_id": "BIGINT", "name": "VARCHAR", "everything": "VARCHAR"}
_WORDS = pa.schema([("word", pa.string()), ("account_id", pa.int64()), ("rank", pa.uint8())])
_TEXTS = pa.schema([("account_id", pa.int64()), ("name", pa.string()), ("everything", pa.string())])
_CONTACTS = pa.schema([("contact_id", pa.int64()), ("name", pa.string()), ("everything", pa.string())])


def write_words(folder: Path, say: Callable[[str, dict], None]) -> dict[str, Any]:
    """Write ``word.parquet``, ``txt.parquet`` and ``ctxt.parquet`` from ``wording.parquet`` and ``naming.parquet``.

    The sources are rows of ``known_of`` and ``contacts_known_of``.
    """
    accounts, contacts = (pq.ParquetFile(folder / f"{name}.parquet") for name in ("wording", "naming"))
    total, done = accounts.metadata.num_rows + contacts.metadata.num_rows, 0
    with pq.ParquetWriter(folder / "word.parquet", _WORDS) as words, pq.ParquetWriter(folder / "txt.parquet", _TEXTS) as texts:
        for piece in accounts.iter_batches(ROWS_PER_PIECE):
            found, kept = list[tuple[str, int, int]](), list[tuple[int, str, str]]()
            for account_id, name, number, known in zip(*(column.to_pylist() for column in piece.columns), strict=True):
                rows, text = search_rows(account_id, name, number, known or ())
                found.extend(rows)
                kept.append(text)
            _write(words, _WORDS, found)
            _write(texts, _TEXTS, kept)
            done += piece.num_rows
            say("wording", {"n": done, "total": total})
    with pq.ParquetWriter(folder / "ctxt.parquet", _CONTACTS) as texts:
        for piece in contacts.iter_batches(ROWS_PER_PIECE):
            columns = zip(*(column.to_pylist() for column in piece.columns), strict=True)
            _write(texts, _CONTACTS, [contact_row(contact_id, name, known or ()) for contact_id, name, known in columns])
            done += piece.num_rows
            say("wording", {"n": done, "total": total})
    return {}


def _write(out: pq.ParquetWriter, schema: pa.Schema, rows: list[Any]) -> None:
    if rows:
        columns = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), schema.types, strict=True)]
        out.write_table(pa.table(columns, schema=schema))
