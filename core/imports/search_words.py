"""What the search will keep of imported accounts: their folded words, from one Parquet file into two others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.clients.search_index import search_rows

PIECE = 25_000
WORD = {"word": "VARCHAR", "account_id": "BIGINT", "rank": "UTINYINT"}
TEXT = {"account_id": "BIGINT", "name": "VARCHAR", "everything": "VARCHAR"}
_WORDS = pa.schema([("word", pa.string()), ("account_id", pa.int64()), ("rank", pa.uint8())])
_TEXTS = pa.schema([("account_id", pa.int64()), ("name", pa.string()), ("everything", pa.string())])


def write_words(folder: Path, say: Callable[[str, dict], None]) -> dict:
    """From ``wording.parquet`` (account_id, name, number, emails) the files ``word.parquet`` and ``txt.parquet``."""
    source, done = pq.ParquetFile(folder / "wording.parquet"), 0
    total = source.metadata.num_rows
    with pq.ParquetWriter(folder / "word.parquet", _WORDS) as words, pq.ParquetWriter(folder / "txt.parquet", _TEXTS) as texts:
        for piece in source.iter_batches(PIECE):
            found, told = [], []
            for account_id, name, number, emails in zip(*(column.to_pylist() for column in piece.columns), strict=True):
                rows, text = search_rows(account_id, name, number, emails or ())
                found.extend(rows)
                told.append(text)
            for out, schema, rows in ((words, _WORDS, found), (texts, _TEXTS, told)):
                columns = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), schema.types, strict=True)]
                out.write_table(pa.table(columns, schema=schema))
            done += piece.num_rows
            say("wording", {"n": done, "total": total})
    return {}
