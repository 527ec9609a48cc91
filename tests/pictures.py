"""Pictures the tests make, what the child makes of them, and whether what is kept of photos hangs together."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from core.base.errors import ValidationFailed
from core.base.rights import Viewer
from core.documents import photos
from core.documents.photos import preview
from core.i18n import LANGUAGES, speaking, t
from core.store import reader

ROOT = Path(__file__).parents[1]
SYSTEM = Viewer.system("tests")
RED, GREEN, BLUE, YELLOW, WHITE = (230, 30, 30), (30, 180, 30), (30, 30, 230), (230, 220, 30), (255, 255, 255)
WHOLE = (0.0, 0.0, 1.0, 1.0)
MODES = {
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "JPEG": ["L", "RGB", "CMYK"],
    "WEBP": ["RGB", "RGBA"],
}


def quarters(width: int = 128, height: int = 128) -> Image.Image:
    """Red and green above, blue and yellow below: every turn of it looks different."""
    image = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height // 2 - 1), GREEN)
    draw.rectangle((0, height // 2, width // 2 - 1, height), BLUE)
    draw.rectangle((width // 2, height // 2, width, height), YELLOW)
    return image


def written(image: Image.Image, form: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **({"quality": 95} if form != "PNG" else {}) | how)
    return out.getvalue()


def held(turn: int) -> bytes:
    """The EXIF of a camera that was held so."""
    exif = Image.Exif()
    exif[0x0112] = turn
    return exif.tobytes()


def as_photo(content: bytes, frame=WHOLE) -> Image.Image:
    """What the child makes of it."""
    made, _, _ = photos._made(content, "photo", *map(str, frame))
    image = Image.open(io.BytesIO(made))
    assert image.format == "WEBP"
    return image


def corners(image: Image.Image) -> list[tuple[int, int, int]]:
    width, height = image.size
    plain = image.convert("RGB")
    return [plain.getpixel((x, y)) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]


def alike(found, expected, by: int = 24) -> bool:
    return all(abs(a - b) <= by for one, other in zip(found, expected, strict=True) for a, b in zip(one, other, strict=True))


def refused(content: bytes, call=preview) -> tuple[str, dict[str, object]]:
    with pytest.raises(ValidationFailed) as raised:
        call(content)
    assert list(raised.value.problems) == ["photo"]
    code, values = raised.value.problems["photo"]
    for language in LANGUAGES:
        with speaking(language):
            assert "{" not in t(f"errors.{code}", **values)
    return code, values


GOOD = {form: written(quarters(), form) for form in MODES}


def files(settings) -> set[str]:
    return {entry.name for entry in settings.photos.iterdir()} if settings.photos.is_dir() else set()


def rows() -> set[str]:
    with reader(SYSTEM) as r:
        return {row["file"] for row in r.rows("SELECT file FROM photo")}


def pointed(account_id: int) -> str | None:
    with reader(SYSTEM) as r:
        return r.value("SELECT p.file FROM account a JOIN photo p USING (photo_id) WHERE a.account_id = $id", id=account_id)


def together(settings) -> None:
    """Every file has its row, every row its file, and both are good pictures."""
    assert files(settings) == rows()
    for name in files(settings):
        with Image.open(settings.photos / name) as image:
            image.load()
