"""Read vCards 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350) as rows, one a card: what an address book says of a person."""

from __future__ import annotations

import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.imports.problems import Problem

COLUMNS = (
    "uid", "name", "first_name", "last_name", "salutation", "company", "title", "email", "phone", "mobile", "street", "postcode", "city",
    "region", "country", "born_on", "tags", "note",
)  # fmt: skip
# Letters of a line, and of a card without its pictures; more is no card.
MAX_LINE_CHARS = 4_000_000
MAX_CARD_CHARS = 1_000_000
MAX_CARD_LINES = 20_000
# What Apple writes for the year of a birthday whose year nobody said.
NO_YEAR = "1604"
# Pictures, sounds and keys are not read.
BULKY = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "AGENT"})
_NAME = re.compile(r"(?:[\w-]+\.)?([A-Za-z][A-Za-z0-9-]*)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?")
Report = Callable[[Problem], None]


@dataclass
class _Property:
    name: str
    types: frozenset[str]
    value: str


@dataclass
class _Card:
    line: int
    properties: list[_Property] = field(default_factory=list)
    chars: int = 0
    lines: int = 0


def cards_of(path: Path, encoding: str, refuse: Report, note: Report) -> Iterator[tuple[int, list[object]]]:
    """Yield the line a card begins on and its values by ``COLUMNS``; a card that is none goes to ``refuse``, the others go on."""
    card: _Card | None = None
    for number, text in _lines(path, encoding):
        upper = text.strip().upper()
        if upper == "BEGIN:VCARD":
            if card is not None and card.properties:
                refuse(Problem(path.name, card.line, "", "vcard_open"))
            card = _Card(number)
        elif card is None:
            continue
        elif upper == "END:VCARD":
            values = _values(card.properties)
            if any(values):
                yield card.line, values
            else:
                refuse(Problem(path.name, card.line, "", "vcard_empty"))
            card = None
        else:
            card.chars, card.lines = card.chars + len(text), card.lines + 1
            if card.chars > MAX_CARD_CHARS or card.lines > MAX_CARD_LINES:
                refuse(Problem(path.name, card.line, "", "vcard_large"))
                card = None
            elif text.strip():
                if (found := _property(text, encoding)) is None:
                    note(Problem(path.name, number, "", "vcard_line", {"value": text}))
                elif found.name not in BULKY:
                    card.properties.append(found)
    if card is not None:
        refuse(Problem(path.name, card.line, "", "vcard_open"))


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Yield lines with the folded ones below them joined, each with its number; of a picture the name alone."""
    with path.open(encoding=encoding, errors="replace", newline=None) as file:
        at = number = chars = 0
        parts: list[str] = []
        is_soft = is_bulky = False
        while raw := file.readline(MAX_LINE_CHARS):
            number += 1
            line = raw.rstrip("\n")
            if _is_bulky(line):
                # A picture on one line may be longer than any other.
                while raw and not raw.endswith("\n"):
                    raw = file.readline(MAX_LINE_CHARS)
            if at and (is_soft or line[:1] in (" ", "\t")):
                # Longer than any card, it is refused as such: no more of it is kept.
                if chars <= MAX_CARD_CHARS and not is_bulky:
                    parts.append(line if is_soft else line[1:])
                    chars += len(parts[-1])
                is_soft = is_soft and line.endswith("=")
                if is_soft and parts:
                    parts[-1] = parts[-1].removesuffix("=")
                continue
            if at:
                yield at, "".join(parts)
            at, chars, is_bulky = number, len(line), _is_bulky(line)
            is_soft = line.endswith("=") and "QUOTED-PRINTABLE" in line.partition(":")[0].upper()
            parts = [f"{line.partition(':')[0]}:" if is_bulky else line.removesuffix("=") if is_soft else line]
        if at:
            yield at, "".join(parts)


def _is_bulky(text: str) -> bool:
    name = _NAME.match(text)
    return name is not None and name[1].upper() in BULKY


def _property(text: str, encoding: str) -> _Property | None:
    """Return a line as a property; None for one that is none."""
    place = _colon(text)
    name = _NAME.match(text)
    if place is None or name is None:
        return None
    types: set[str] = set()
    charset, is_printable = None, False
    for given in re.findall(r';((?:[^;":]|"[^"]*")*)', text[name.end() : place]):
        key, sign, value = given.partition("=")
        key, value = (key.strip().upper(), value.strip('"').upper()) if sign else ("TYPE", key.strip().upper())
        if key == "CHARSET":
            charset = value
        elif value == "QUOTED-PRINTABLE":
            is_printable = True
        elif key == "TYPE":
            types |= set(value.split(","))
        elif key == "PREF":
            types.add("PREF")
    value = text[place + 1 :]
    if is_printable:
        value = _printable(value, charset, encoding)
    return _Property(name[1].upper(), frozenset(types), value)


def _colon(text: str) -> int | None:
    """Return the place of the first colon outside quotes."""
    is_quoted = False
    for match in re.finditer('[":]', text):
        if match[0] == ":" and not is_quoted:
            return match.start()
        is_quoted ^= match[0] == '"'
    return None


def _printable(value: str, charset: str | None, encoding: str) -> str:
    """Return what a value of quoted-printable says, in the encoding it names, else as UTF-8 or as Windows writes it."""
    data = quopri.decodestring(value.encode("utf-8", "replace"))
    for name in (charset, "utf-8", encoding, "cp1252"):
        try:
            return data.decode(name) if name else data.decode("ascii")
        except (LookupError, UnicodeError):
            continue
    return data.decode("cp1252", "replace")


def _parts(value: str, separator: str = ";") -> list[str]:
    """Return the parts of a value, split where the separator is not escaped."""
    return [_plain(part) for part in re.split(rf"(?<!\\){separator}", value)]


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


def _values(properties: list[_Property]) -> list[object]:
    """Return the values of a card: of several the one it prefers, else the first."""
    of: dict[str, list[_Property]] = {}
    for one in properties:
        of.setdefault(one.name, []).append(one)
    for same in of.values():
        same.sort(key=lambda one: "PREF" not in one.types)

    def first(name: str) -> str:
        return _plain(of[name][0].value) if name in of else ""

    names = [*(_parts(of["N"][0].value) if "N" in of else []), "", "", "", ""]
    addresses = sorted(of.get("ADR", []), key=lambda one: ("WORK" not in one.types, "PREF" not in one.types))
    box, more, street, city, region, postcode, country = [*(_parts(addresses[0].value) if addresses else []), *[""] * 7][:7]
    voices = [one for one in of.get("TEL", []) if not one.types & {"FAX", "PAGER", "MODEM"}]
    phones = [_number(one.value) for one in voices if "CELL" not in one.types]
    mobiles = [_number(one.value) for one in voices if "CELL" in one.types]
    born = _DAY.fullmatch(first("BDAY"))
    mails = dict.fromkeys(_plain(one.value).removeprefix("mailto:") for one in of.get("EMAIL", []))
    found = {
        "uid": first("UID"), "name": first("FN"), "first_name": names[1], "last_name": names[0], "salutation": names[3],
        "company": _parts(of["ORG"][0].value)[0] if "ORG" in of else "", "title": first("TITLE"), "email": ", ".join(mails),
        "phone": phones[0] if phones else "", "mobile": mobiles[0] if mobiles else "",
        "street": ", ".join(filter(None, [street or box, more])).replace("\n", ", "), "postcode": postcode, "city": city, "region": region,
        "country": country, "born_on": "-".join(born.groups()) if born and born[1] != NO_YEAR else "",
        "tags": ", ".join(part for one in of.get("CATEGORIES", []) for part in _parts(one.value, ",") if part), "note": first("NOTE"),
    }  # fmt: skip
    return [found[column] or None for column in COLUMNS]


def _number(value: str) -> str:
    return _plain(value).removeprefix("tel:").partition(";")[0]
