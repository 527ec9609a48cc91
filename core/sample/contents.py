"""Small but real files for the sample's documents: PDF, text, picture, spreadsheet; the same bytes for the same name."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from random import Random

from openpyxl import Workbook
from openpyxl.styles import Font
from PIL import Image, ImageDraw, ImageFont

from core.sample.kinds import KINDS, Kind, kind_of
from core.store import Row

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "png": "image/png",
    "webp": "image/webp",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
HINT = "Musterdokument der Musterkanzlei Lindner & Partner. Alle Angaben sind erfunden."


def euro(cents: int) -> str:
    """Format an amount in cents as 1.234,56."""
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def store(folder: Path, file: str, data: bytes) -> Row:
    """Write a file below the folder; returns {file, media_type, size_bytes, sha256} of its row."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    media_type = MEDIA_TYPES[file.rsplit(".", 1)[-1]]
    return {"file": file, "media_type": media_type, "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def content(name: str, owner: str, day: str) -> bytes:
    """Return the bytes of a document, made for the kind and the ending of its name.

    ``owner`` is the client's name, ``day`` a date as people write it.
    """
    title, ending = name.rsplit(".", 1)
    key, seed = kind_of(name), zlib.crc32(name.encode())
    kind = KINDS[key]
    head = kind.head or owner
    match ending:
        case "pdf":
            return pdf(title, head, owner, day, positions(kind, seed))
        case "png":
            return _picture(key, seed % 4)
        case "xlsx":
            return _sheet(key, seed % 2)
        case _:
            lines = [text if cents is None else f"{text:<30}{euro(cents):>12} EUR" for text, cents in positions(kind, seed)]
            return "\n".join([title, head, f"Stand: {day}", "", *lines, "", HINT, ""]).encode()


def positions(kind: Kind, seed: int) -> list[tuple[str, int | None]]:
    """Return (text, cents or None) of some lines of a paper, each at most once and in order."""
    random = Random(seed)  # noqa: S311 - made-up data, no secret
    if not kind.amounts:
        return [(line, None) for line in kind.lines]
    count = random.randint(min(3, len(kind.lines)), len(kind.lines))
    chosen = sorted(random.sample(range(len(kind.lines)), count))
    return [(kind.lines[place], random.randint(390, 98000)) for place in chosen]


def _literal(text: str) -> bytes:
    raw = text.encode("cp1252", "replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def pdf(title: str, head: str, owner: str, day: str, lines: list[tuple[str, int | None]]) -> bytes:
    """Return a one-page PDF 1.4: coloured head, title, owner and day, then a table of amounts with its sum, or sentences."""

    def text(font: str, size: int, x: float, y: float, words: str) -> bytes:
        return b"BT /%s %d Tf %.1f %.1f Td (" % (font.encode(), size, x, y) + _literal(words) + b") Tj ET"

    def amount(y: float, cents: int) -> bytes:
        words = f"{euro(cents)} €"
        return text("F3", 10, 535 - 6 * len(words), y, words)

    drawn = [b"0.12 0.37 0.36 rg 0 802 595 40 re f", b"1 1 1 rg", text("F2", 12, 60, 817, head[:70]), b"0.15 0.15 0.15 rg"]
    about = f"Stand: {day}" if head == owner else f"Für {owner[:60]} · {day}"
    drawn += [text("F2", 18, 60, 750, title[:55]), text("F1", 10, 60, 730, about), b"0.75 G 60 712 475 0 re S"]
    y = 690
    for place, (what, cents) in enumerate(lines, 1):
        drawn += [text("F1", 10, 60, y, f"{place}"), text("F1", 10, 90, y, what), *([] if cents is None else [amount(y, cents)])]
        y -= 20
    drawn.append(b"60 %d 475 0 re S" % (y + 10))
    if any(cents is not None for _, cents in lines):
        drawn += [text("F2", 10, 90, y - 8, "Summe"), amount(y - 8, sum(cents or 0 for _, cents in lines))]
    drawn += [b"0.45 g", text("F1", 8, 60, 50, HINT)]
    stream = zlib.compress(b"\n".join(drawn))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (de-DE) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R /F2 6 0 R /F3 7 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(stream) + stream + b"\nendstream",
        *(
            b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>" % font
            for font in (b"Helvetica", b"Helvetica-Bold", b"Courier")
        ),
        b"<< /Title (" + _literal(title) + b") >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start, count = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 8 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return bytes(out)


@lru_cache(maxsize=128)
def _picture(key: str, variant: int) -> bytes:
    """Draw a photograph of a till receipt, a sheet of paper, a broken parcel or a card, as PNG."""
    image = Image.new("RGB", (480, 640), (96 + 4 * variant, 84, 70))
    draw, kind = ImageDraw.Draw(image), KINDS[key]
    {"receipt": _receipt, "list": _list, "parcel": _parcel, "card": _card}[kind.picture](draw, kind, variant)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _receipt(draw: ImageDraw.ImageDraw, kind: Kind, variant: int) -> None:
    font, small = ImageFont.load_default(26), ImageFont.load_default(17)
    draw.polygon([(70, 40), (414, 30 + 2 * variant), (404, 612), (62, 600)], fill="#fbfaf4")
    draw.text((150, 60), "QUITTUNG", font=font, fill="#333333")
    draw.text((240, 108), kind.head, font=small, fill="#333333", anchor="ma")
    lines = [(what, (cents or 0) // 20) for what, cents in positions(kind, variant)]
    for place, (what, cents) in enumerate(lines):
        draw.text((95, 160 + 40 * place), what, font=small, fill="#444444")
        draw.text((385, 160 + 40 * place), euro(cents), font=small, fill="#444444", anchor="ra")
    draw.line((95, 500, 385, 500), fill="#888888", width=2)
    draw.text((95, 516), "Summe EUR", font=font, fill="#222222")
    draw.text((385, 516), euro(sum(cents for _, cents in lines)), font=font, fill="#222222", anchor="ra")


def _list(draw: ImageDraw.ImageDraw, kind: Kind, variant: int) -> None:
    font, small = ImageFont.load_default(24), ImageFont.load_default(18)
    draw.polygon([(40, 34), (444, 28 + 2 * variant), (438, 616), (46, 608)], fill="#fdfdfb")
    draw.text((66, 64), kind.head, font=small, fill="#1f5f5b")
    title, lines = ("LIEFERSCHEIN", kind.lines) if kind.head else (kind.lines[0], kind.lines[1:])
    draw.text((66, 112), title, font=font, fill="#222222")
    for place, line in enumerate(lines):
        draw.text((66, 172 + 44 * place), line, font=small, fill="#333333")
        draw.line((66, 200 + 44 * place, 410, 200 + 44 * place), fill="#cccccc")


def _parcel(draw: ImageDraw.ImageDraw, kind: Kind, variant: int) -> None:
    random = Random(variant)  # noqa: S311 - made-up data, no secret
    draw.polygon([(70, 250), (240, 180), (420, 250), (420, 500), (250, 580), (70, 500)], fill="#c89b63")
    draw.polygon([(70, 250), (250, 330), (420, 250), (240, 180)], fill="#d9b27e")
    draw.line((250, 330, 250, 580), fill="#9c7443", width=4)
    draw.polygon([(155, 212), (330, 292), (350, 282), (176, 203)], fill="#e8dcc0")
    draw.text((272, 440 - 6 * variant), kind.lines[0], font=ImageFont.load_default(18), fill="#b3261e")
    # The hole and its cracks.
    x, y = 110 + 8 * variant, 390 + 6 * variant
    hole = [
        (x + random.randint(-14, 14) + dx, y + random.randint(-12, 12) + dy) for dx, dy in ((0, 0), (40, -34), (84, -6), (96, 50), (44, 74))
    ]
    draw.polygon(hole, fill="#33241a")
    for start in hole:
        draw.line((*start, start[0] + random.randint(-46, 46), start[1] + random.randint(-46, 46)), fill="#5b3f27", width=3)


def _card(draw: ImageDraw.ImageDraw, kind: Kind, variant: int) -> None:
    draw.rounded_rectangle((40, 190, 440, 450), 18, fill="#dbe6e4", outline="#7d9a96", width=3)
    for place, line in enumerate(kind.lines):
        draw.text((66, 212 + 30 * place), line, font=ImageFont.load_default(22 - 6 * place), fill="#1f3f3c")
    draw.rectangle((66, 280, 166, 410), fill="#b9c9c6")
    draw.ellipse((92, 296, 140, 350), fill="#8aa19d")
    draw.pieslice((78, 356, 154, 450), 180, 360, fill="#8aa19d")
    for place in range(4):
        draw.line((196, 300 + 30 * place, 400 - 34 * (place % 2) - 3 * variant, 300 + 30 * place), fill="#7d9a96", width=6)


@lru_cache(maxsize=64)
def _sheet(key: str, variant: int) -> bytes:
    """Return a workbook of entries as xlsx; without the time it was written, so that its bytes stay the same."""
    random = Random(variant)  # noqa: S311 - made-up data, no secret
    book = Workbook()
    sheet = book.active
    sheet.title = key
    sheet.append(("Tag", "Text", "Betrag"))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for tag in range(1, random.randint(12, 28)):
        sheet.append((tag, random.choice(KINDS[key].lines), random.randint(300, 90000) / 100))
    sheet.append((None, "Summe", f"=SUM(C2:C{sheet.max_row})"))
    sheet.column_dimensions["B"].width = 26
    written, out = io.BytesIO(), io.BytesIO()
    book.save(written)
    moment = datetime.combine(date(2020, 1, 1), time())
    book.properties.created = book.properties.modified = moment
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.namelist():
            data = source.read(entry)
            if entry == "docProps/core.xml":
                data = b'<?xml version="1.0"?>' + _properties(book)
            target.writestr(zipfile.ZipInfo(entry, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _properties(book: Workbook) -> bytes:
    from openpyxl.xml.functions import tostring

    return tostring(book.properties.to_tree())
