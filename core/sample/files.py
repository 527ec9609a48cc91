"""Real, small files for the sample firm: PDF, text, picture, spreadsheet; and drawn faces."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from random import Random

from openpyxl import Workbook
from PIL import Image, ImageDraw

TYPES = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def pdf(title: str, lines: list[str]) -> bytes:
    """A one-page PDF 1.4 with a title and lines in Helvetica (WinAnsi)."""

    def literal(text: str) -> bytes:
        raw = text.encode("cp1252", "replace")
        return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")

    drawn = [b"BT /F1 16 Tf 60 780 Td (" + literal(title) + b") Tj ET"]
    drawn += [b"BT /F1 10 Tf 60 %d Td (" % (750 - 16 * place) + literal(line) + b") Tj ET" for place, line in enumerate(lines)]
    stream = b"\n".join(drawn)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def content(name: str, owner: str, day: str) -> bytes:
    """What a document of that name holds, by its ending."""
    lines = [owner, f"Stand: {day}", "", "Musterdokument der Musterkanzlei; alle Angaben sind erfunden."]
    match name.rsplit(".", 1)[-1]:
        case "pdf":
            return pdf(name.removesuffix(".pdf"), lines)
        case "png":
            image = Image.new("RGB", (420, 560), "#fbfaf5")
            draw = ImageDraw.Draw(image)
            for place, line in enumerate(["QUITTUNG", *lines]):
                draw.text((30, 40 + 30 * place), line, fill="#333333")
            return _png(image)
        case "xlsx":
            book = Workbook()
            for row in (("Personal-Nr.", "Brutto", "Netto"), (1, 3200, 2115.4), (2, 2850, 1932.18), (3, 4100, 2604.77)):
                book.active.append(row)
            out = io.BytesIO()
            book.save(out)
            return out.getvalue()
        case _:
            return "\n".join([name, *lines]).encode()


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def store(folder: Path, name: str, data: bytes) -> dict[str, object]:
    """Write a file into the folder; returns the columns that describe it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    ending = name.rsplit(".", 1)[-1]
    return {"file": name, "media_type": TYPES.get(ending), "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def face(random: Random) -> bytes:
    """A drawn sign for a client: two shapes on a calm ground, 512 px WebP."""
    grounds = ["#d8e4dd", "#e9dccb", "#d5dfea", "#eadada", "#e3e0ef", "#dfe8d0"]
    inks = ["#1f5f5b", "#8a4b2d", "#2c4a7c", "#7a2f3d", "#4d3f86", "#556b2f"]
    image = Image.new("RGB", (512, 512), random.choice(grounds))
    draw = ImageDraw.Draw(image)
    ink, second = random.sample(inks, 2)
    x, y, size = random.randint(90, 180), random.randint(90, 180), random.randint(180, 260)
    draw.rounded_rectangle((x, y, x + size, y + size), radius=random.choice([12, 60, 130]), fill=ink)
    draw.ellipse((x + size // 3, y + size // 3, x + size + 60, y + size + 60), fill=second)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=88)
    return out.getvalue()
