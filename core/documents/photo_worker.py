"""Run by itself, without our code, environment or way back: makes a safe picture of the hostile bytes at its input.

``python -I core/documents/photo_worker.py photo LEFT TOP RIGHT BOTTOM``, ``… square`` or ``… preview``. Output: one line of JSON
(``{"width", "height"}`` of the upright picture in pixels, or ``{"refused": code, …}``), then the WebP.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings

MEMORY, SECONDS, WRITTEN = 1024 * 2**20, 10, 8 * 2**20
PIXELS, SMALLEST, PHOTO, PREVIEW = 25_000_000, 32, 512, 1024
FORMATS = ("PNG", "JPEG", "WEBP")
Frame = tuple[float, float, float, float]


class Refused(Exception):
    """A picture that cannot be used: a code, and what fills its sentence."""

    def __init__(self, code: str, **values: int) -> None:
        super().__init__(code)
        self.values = {"refused": code, **values}


def limit() -> None:
    """Bound what this process may take, for good; whatever reads the picture comes after it."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, WRITTEN),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(what, (most, most))


def make(content: bytes, frame: Frame | None, *, middle: bool = False) -> tuple[int, int, bytes]:
    """(width, height, WebP) of an upright picture: its square ``frame`` (or its middle) of at most 512 px, or all of it of at most 1024.

    Raises Refused.
    """
    from PIL import Image, UnidentifiedImageError, WebPImagePlugin  # noqa: F401 - the formats must be known before opening

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = PIXELS
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("photo_pixels", most=PIXELS // 10**6) from None
    except UnidentifiedImageError:
        raise Refused("photo_broken" if _begins_well(content) else "photo_format") from None
    if image.width * image.height > PIXELS:
        raise Refused("photo_pixels", most=PIXELS // 10**6)
    if min(image.size) < SMALLEST:
        raise Refused("photo_small", width=image.width, height=image.height, least=SMALLEST)
    wide, high = image.size
    if image.format == "PNG":
        # Asked for its EXIF a PNG reads on to the end; what is wrong with it must be heard here.
        image.load()
    turn = _orientation(image)
    sideways = turn > 4
    if middle:
        frame = _middle(*((high, wide) if sideways else (wide, high)))
    if frame is not None:
        side = _side(frame, *((high, wide) if sideways else (wide, high)))
        image.draft("RGB", (-(-wide * PHOTO // side), -(-high * PHOTO // side)))
        size = (min(side, PHOTO),) * 2
    else:
        image.draft("RGB", (PREVIEW, PREVIEW))
        frame = (0.0, 0.0, 1.0, 1.0)
        scale = min(1.0, PREVIEW / max(wide, high))
        size = (max(1, round((high if sideways else wide) * scale)), max(1, round((wide if sideways else high) * scale)))
    image.load()
    if sideways:
        wide, high = high, wide
    return wide, high, _written(_plain(_turned(_deep(image), turn), frame, size, image.info.get("icc_profile")))


def _begins_well(content: bytes) -> bool:
    return content[:3] == b"\xff\xd8\xff" or content[:8] == b"\x89PNG\r\n\x1a\n" or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def _orientation(image) -> int:
    """How a camera held the picture, 1 to 8 (EXIF 0x0112); 1 for none, unreadable or nonsense."""
    try:
        found = image.getexif().get(0x0112, 1)
    except Exception:
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _middle(wide: int, high: int) -> Frame:
    """The largest square in the middle."""
    across, down = min(1.0, high / wide) / 2, min(1.0, wide / high) / 2
    return 0.5 - across, 0.5 - down, 0.5 + across, 0.5 + down


def _side(frame: Frame, wide: int, high: int) -> int:
    """The frame's side in pixels. Raises Refused unless it is a square inside the picture and large enough."""
    left, top, right, bottom = frame
    across, down = (right - left) * wide, (bottom - top) * high
    inside = all(-1e-6 <= value <= 1 + 1e-6 for value in frame)
    if not inside or abs(across - down) > 1.5 or min(across, down) < SMALLEST - 0.5:
        raise Refused("photo_frame", least=SMALLEST)
    return round(min(across, down))


def _deep(image):
    """Sixteen bits a colour become eight."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image


def _turned(image, orientation: int):
    from PIL.Image import Transpose

    way = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)
    return image if way is None else image.transpose(way)


def _plain(image, frame: Frame, size: tuple[int, int], profile: bytes | None):
    """The frame of it in that size, on white, in sRGB, on a canvas that carries nothing else along."""
    from PIL import Image

    see_through = "A" in image.getbands() or "transparency" in image.info
    if see_through:
        image = image.convert("RGBA")
    elif image.mode in ("P", "1"):
        image = image.convert("RGB")
    wide, high = image.size
    box = (frame[0] * wide, frame[1] * high, frame[2] * wide, frame[3] * high)
    box = (max(0.0, box[0]), max(0.0, box[1]), min(float(wide), box[2]), min(float(high), box[3]))
    image = image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    alpha = image.getchannel("A") if see_through else None
    if see_through:
        image = image.convert("RGB")
    image = _in_srgb(image, profile)
    canvas = Image.new("RGB", size, "white")
    canvas.paste(image, (0, 0), alpha)
    return canvas


def _in_srgb(image, profile: bytes | None):
    """The colours as the file's own profile means them; a profile that does not fit is left out."""
    if profile:
        from PIL import ImageCms

        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return image.convert("RGB")


def _written(canvas) -> bytes:
    out = io.BytesIO()
    canvas.save(out, "WEBP", quality=88, method=3)
    return out.getvalue()


def main(what: str, *numbers: str) -> None:
    """Limit oneself, read, answer."""
    limit()
    content = sys.stdin.buffer.read()
    made = b""
    try:
        width, height, made = make(content, tuple(map(float, numbers)) if what == "photo" else None, middle=what == "square")
        head: dict[str, object] = {"width": width, "height": height}
    except Refused as refused:
        head = refused.values
    except MemoryError:
        head = {"refused": "photo_costly"}
    except Exception:
        head = {"refused": "photo_broken"}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + made)


if __name__ == "__main__":
    main(*sys.argv[1:])
