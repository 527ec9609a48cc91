"""Tell the encoding of a text file, from the whole of it: the first umlaut may stand in its last line."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

PIECE_BYTES = 1 << 20
# Bytes beyond ASCII that are looked at to choose among encodings of one byte.
MAX_LOOKED_AT = 20_000
# The one that is more usual first: it wins where both fit alike.
OF_ONE_BYTE = ("cp1252", "iso-8859-15", "mac_roman", "cp850")
GERMAN = frozenset("äöüÄÖÜß")
LETTERS = frozenset("éèêëàâáíóúçîïôùûœæñåøšžÉÈÊÀÂÇÎÔÛŒÆÑÅØŠŽ")
SIGNS = frozenset("€–—„“”‘’‚«»‹›§°©®²³½¼¾·…•£\u00a0µ±×")
_HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True)
class Encoding:
    """The name of an encoding; how many bytes do not fit it; and whether it was guessed."""

    name: str
    bad: int = 0
    is_guessed: bool = False


def encoding_of(path: Path) -> Encoding:
    """Return the encoding of a text file."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(codecs.BOM_UTF8):
        return Encoding("utf-8-sig")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16")
    if wide := _wide(start):
        return Encoding(wide, is_guessed=True)
    good, bad = _as_utf8(path)
    if not bad:
        return Encoding("utf-8")
    # In another encoding hardly two letters in a row are by chance a letter of UTF-8: more good ones than bad are UTF-8 with damage.
    if good > bad:
        return Encoding("utf-8", bad, is_guessed=True)
    return Encoding(_of_one_byte(path), is_guessed=True)


def _wide(start: bytes) -> str | None:
    """Return UTF-16 where every second byte is zero and there is no mark that says so."""
    half = len(start) // 2
    if half < 4:
        return None
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.3 and odd < half * 0.05 else None


def _as_utf8(path: Path) -> tuple[int, int]:
    """Return how many letters beyond ASCII a file holds as UTF-8, and how many bytes are none."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    with path.open("rb") as file:
        while True:
            piece = file.read(PIECE_BYTES)
            text = decoder.decode(piece, not piece)
            if not text.isascii():
                lost = sum(1 for c in text if "\udc80" <= c <= "\udcff")
                bad += lost
                good += sum(1 for c in text if c > "\x7f") - lost
            if not piece:
                return good, bad


def _of_one_byte(path: Path) -> str:
    places: list[bytes] = []
    with path.open("rb") as file:
        before = b""
        while len(places) < MAX_LOOKED_AT and (piece := file.read(PIECE_BYTES)):
            data = before + piece
            found = islice(_HIGH.finditer(data, len(before)), MAX_LOOKED_AT - len(places))
            places += [data[max(0, match.start() - 1) : match.start() + 2] for match in found]
            before = data[-1:]
    scores = {name: sum(_fits(around, name) for around in places) for name in OF_ONE_BYTE}
    return max(OF_ONE_BYTE, key=lambda name: scores[name])


def _fits(around: bytes, name: str) -> int:
    """Return 2 where a byte becomes a letter of German beside a letter, 1 for one of its neighbours or a sign not between two; else -1."""
    text = around.decode(name, "replace")
    place = 0 if _HIGH.match(around) else 1
    letter, before, behind = text[place], text[:place], text[place + 1 :]
    if letter in GERMAN or letter in LETTERS:
        if before.islower() and letter.isupper():
            return -1
        beside = before.isalpha() or behind.isalpha()
        return (2 if letter in GERMAN else 1) if beside else 0
    if letter in SIGNS:
        return -1 if before.isalpha() and behind.isalpha() else 1
    return -1
