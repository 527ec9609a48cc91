"""Real, small files for the sample's documents: PDF, text, picture, spreadsheet; the same bytes for the same name."""

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

TYPES = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "png": "image/png",
    "webp": "image/webp",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ITEMS = ["Warenlieferung", "Büromaterial", "Kraftstoff", "Miete", "Telefon", "Versicherung", "Porto", "Wartung", "Reinigung", "Bewirtung"]
HINT = "Musterdokument der Musterkanzlei Lindner & Partner. Alle Angaben sind erfunden."


def euro(cents: int) -> str:
    """1.234,56 of an amount in cents."""
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def store(folder: Path, file: str, data: bytes) -> dict[str, object]:
    """Write a file into the folder; returns the columns that describe it."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    media_type = TYPES[file.rsplit(".", 1)[-1]]
    return {"file": file, "media_type": media_type, "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def content(name: str, owner: str, day: str) -> bytes:
    """What a document of that name holds, by its ending."""
    seed = zlib.crc32(name.encode())
    match name.rsplit(".", 1)[-1]:
        case "pdf":
            return pdf(name.removesuffix(".pdf"), owner, day, _positions(seed))
        case "png":
            return _receipt(seed % 24)
        case "xlsx":
            return _sheet(seed % 16)
        case _:
            lines = [f"{text:<20}{euro(cents):>12} EUR" for text, cents in _positions(seed)]
            return "\n".join([name.removesuffix(".txt"), owner, f"Stand: {day}", "", *lines, "", HINT, ""]).encode()


def _positions(seed: int) -> list[tuple[str, int]]:
    random = Random(seed)  # noqa: S311 - made-up data, no secret
    return [(random.choice(ITEMS), random.randint(390, 98000)) for _ in range(random.randint(3, 9))]


def _literal(text: str) -> bytes:
    raw = text.encode("cp1252", "replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def pdf(title: str, owner: str, day: str, positions: list[tuple[str, int]]) -> bytes:
    """A one-page PDF 1.4: coloured head, title, a table of amounts with its sum."""

    def text(font: str, size: int, x: float, y: float, words: str) -> bytes:
        return b"BT /%s %d Tf %.1f %.1f Td (" % (font.encode(), size, x, y) + _literal(words) + b") Tj ET"

    def amount(y: float, cents: int) -> bytes:
        words = f"{euro(cents)} €"
        return text("F3", 10, 535 - 6 * len(words), y, words)

    drawn = [b"0.12 0.37 0.36 rg 0 802 595 40 re f", b"1 1 1 rg", text("F2", 12, 60, 817, owner[:70]), b"0.15 0.15 0.15 rg"]
    drawn += [text("F2", 18, 60, 750, title[:55]), text("F1", 10, 60, 730, f"Stand: {day}"), b"0.75 G 60 712 475 0 re S"]
    y = 690
    for place, (what, cents) in enumerate(positions, 1):
        drawn += [text("F1", 10, 60, y, f"{place}"), text("F1", 10, 90, y, what), amount(y, cents)]
        y -= 20
    drawn += [b"60 %d 475 0 re S" % (y + 10), text("F2", 10, 90, y - 8, "Summe"), amount(y - 8, sum(cents for _, cents in positions))]
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


@lru_cache(maxsize=64)
def _receipt(variant: int) -> bytes:
    """A photographed till receipt."""
    random = Random(variant)  # noqa: S311 - made-up data, no secret
    image = Image.new("RGB", (480, 640), (96 + variant, 84, 70))
    draw, font, small = ImageDraw.Draw(image), ImageFont.load_default(26), ImageFont.load_default(17)
    draw.polygon([(70, 40), (414, 30 + variant % 12), (404, 612), (62, 600)], fill="#fbfaf4")
    draw.text((150, 70), "QUITTUNG", font=font, fill="#333333")
    total = 0
    for place in range(random.randint(4, 9)):
        cents = random.randint(99, 8999)
        total += cents
        draw.text((95, 130 + 36 * place), random.choice(ITEMS), font=small, fill="#444444")
        draw.text((385, 130 + 36 * place), euro(cents), font=small, fill="#444444", anchor="ra")
    draw.line((95, 500, 385, 500), fill="#888888", width=2)
    draw.text((95, 516), "Summe EUR", font=font, fill="#222222")
    draw.text((385, 516), euro(total), font=font, fill="#222222", anchor="ra")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@lru_cache(maxsize=64)
def _sheet(variant: int) -> bytes:
    """A workbook of bookings, without the moment of its writing."""
    random = Random(variant)  # noqa: S311 - made-up data, no secret
    book = Workbook()
    sheet = book.active
    sheet.title = "Buchungen"
    sheet.append(("Tag", "Text", "Betrag"))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for tag in range(1, random.randint(12, 28)):
        sheet.append((tag, random.choice(ITEMS), random.randint(300, 90000) / 100))
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
