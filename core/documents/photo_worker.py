"""Make a safe picture of hostile bytes, as a program of its own: it imports nothing of the product and gets no environment.

``python -I core/documents/photo_worker.py photo LEFT TOP RIGHT BOTTOM``, ``… square``, ``… small`` or ``… preview``, with the picture at its input.
Output: one line of JSON (``{"width", "height"}`` of the upright picture in pixels, or ``{"refused": code, …}``), then the WebP.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MIB = 1024 * 1024
MAX_MEMORY_BYTES = 1024 * MIB
MAX_CPU_S = 10
MAX_OUTPUT_BYTES = 8 * MIB
MAX_OPEN_FILES = 16
MAX_PIXELS = 25_000_000
MIN_SIDE_PX = 32
PHOTO_SIDE_PX = 512
PREVIEW_SIDE_PX = 1024
SMALL_SIDE_PX = 384
FORMATS = ("PNG", "JPEG", "WEBP")
# The tag of a camera's orientation (EXIF 2.3, 4.6.4).
EXIF_ORIENTATION = 0x0112
# Left, top, right, bottom as fractions of the upright picture.
Frame = tuple[float, float, float, float]


class PictureError(Exception):
    """A picture that cannot be used; ``values`` holds the code and what fills its sentence."""

    def __init__(self, code: str, **values: int) -> None:
        super().__init__(code)
        self.values = {"refused": code, **values}


def limit() -> None:
    """Limit memory, computing time, output and files of this process for good; called before anything reads the picture."""
    for what, most in (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MAX_CPU_S),
        (resource.RLIMIT_FSIZE, MAX_OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
    ):
        resource.setrlimit(what, (most, most))


def make(content: bytes, frame: Frame | None, *, middle: bool = False, most_px: int = PREVIEW_SIDE_PX) -> tuple[int, int, bytes]:
    """Return (width, height, WebP) of a picture turned upright; width and height are the picture's own, in pixels.

    Args:
        content: The file as it was sent.
        frame: The square to cut out, at most PHOTO_SIDE_PX wide in the WebP; None for the whole picture.
        middle: Cut out the largest square in the middle instead.
        most_px: The longer side of a whole picture in the WebP, at most.

    Raises:
        PictureError: The picture has another format, is broken, too large or too small, or the frame does not lie in it.
    """
    from PIL import Image, UnidentifiedImageError, WebPImagePlugin  # noqa: F401 - the formats must be known before opening

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError("photo_pixels", most=MAX_PIXELS // 10**6) from None
    except UnidentifiedImageError:
        raise PictureError("photo_broken" if _begins_well(content) else "photo_format") from None
    if image.width * image.height > MAX_PIXELS:
        raise PictureError("photo_pixels", most=MAX_PIXELS // 10**6)
    if min(image.size) < MIN_SIDE_PX:
        raise PictureError("photo_small", width=image.width, height=image.height, least=MIN_SIDE_PX)
    wide, high = image.size
    if image.format == "PNG":
        # Asked for its EXIF a PNG reads on to the end; what is wrong with it must be heard here.
        image.load()
    orientation = _orientation(image)
    sideways = orientation > 4
    if middle:
        frame = _middle_square(*((high, wide) if sideways else (wide, high)))
    if frame is not None:
        side = _side_px(frame, *((high, wide) if sideways else (wide, high)))
        image.draft("RGB", (-(-wide * PHOTO_SIDE_PX // side), -(-high * PHOTO_SIDE_PX // side)))
        size = (min(side, PHOTO_SIDE_PX),) * 2
    else:
        image.draft("RGB", (most_px, most_px))
        frame = (0.0, 0.0, 1.0, 1.0)
        scale = min(1.0, most_px / max(wide, high))
        size = (max(1, round((high if sideways else wide) * scale)), max(1, round((wide if sideways else high) * scale)))
    image.load()
    if sideways:
        wide, high = high, wide
    return wide, high, _as_webp(_on_white(_upright(_in_eight_bits(image), orientation), frame, size, image.info.get("icc_profile")))


def _begins_well(content: bytes) -> bool:
    """Return whether the file begins as one of FORMATS does, so that it is broken rather than of another format."""
    return content[:3] == b"\xff\xd8\xff" or content[:8] == b"\x89PNG\r\n\x1a\n" or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def _orientation(image: Picture) -> int:
    """Return how the camera was held, 1 to 8 as of EXIF; 1 where the file says nothing or nonsense."""
    try:
        found = image.getexif().get(EXIF_ORIENTATION, 1)
    except Exception:
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _middle_square(wide: int, high: int) -> Frame:
    """Return the largest square in the middle of a picture of this width and height."""
    across, down = min(1.0, high / wide) / 2, min(1.0, wide / high) / 2
    return 0.5 - across, 0.5 - down, 0.5 + across, 0.5 + down


def _side_px(frame: Frame, wide: int, high: int) -> int:
    """Return the frame's side in pixels. Raises PictureError unless it is a square inside the picture and large enough."""
    left, top, right, bottom = frame
    across, down = (right - left) * wide, (bottom - top) * high
    inside = all(-1e-6 <= value <= 1 + 1e-6 for value in frame)
    if not inside or abs(across - down) > 1.5 or min(across, down) < MIN_SIDE_PX - 0.5:
        raise PictureError("photo_frame", least=MIN_SIDE_PX)
    return round(min(across, down))


def _in_eight_bits(image: Picture) -> Picture:
    """Reduce a picture of sixteen bits a pixel to eight."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image


def _upright(image: Picture, orientation: int) -> Picture:
    from PIL.Image import Transpose

    transposition = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }.get(orientation)
    return image if transposition is None else image.transpose(transposition)


def _on_white(image: Picture, frame: Frame, size: tuple[int, int], profile: bytes | None) -> Picture:
    """Return the frame of the picture in that size, in sRGB, on a new white canvas: no metadata of the file is carried along."""
    from PIL import Image

    has_alpha = "A" in image.getbands() or "transparency" in image.info
    if has_alpha:
        image = image.convert("RGBA")
    elif image.mode in ("P", "1"):
        image = image.convert("RGB")
    wide, high = image.size
    box = (frame[0] * wide, frame[1] * high, frame[2] * wide, frame[3] * high)
    box = (max(0.0, box[0]), max(0.0, box[1]), min(float(wide), box[2]), min(float(high), box[3]))
    image = image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    alpha = image.getchannel("A") if has_alpha else None
    if has_alpha:
        image = image.convert("RGB")
    image = _in_srgb(image, profile)
    canvas = Image.new("RGB", size, "white")
    canvas.paste(image, (0, 0), alpha)
    return canvas


def _in_srgb(image: Picture, profile: bytes | None) -> Picture:
    """Convert the colours from the file's own profile to sRGB; a profile that does not fit is ignored."""
    if profile:
        from PIL import ImageCms

        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return image.convert("RGB")


def _as_webp(canvas: Picture) -> bytes:
    out = io.BytesIO()
    canvas.save(out, "WEBP", quality=88, method=3)
    return out.getvalue()


def main(what: str, *numbers: str) -> None:
    """Make one picture from standard input to standard output.

    Args:
        what: photo, square, small or preview.
        numbers: The four numbers of a photo's frame.
    """
    limit()
    content = sys.stdin.buffer.read()
    made = b""
    try:
        frame = None
        if what == "photo":
            left, top, right, bottom = map(float, numbers)
            frame = (left, top, right, bottom)
        width, height, made = make(content, frame, middle=what == "square", most_px=SMALL_SIDE_PX if what == "small" else PREVIEW_SIDE_PX)
        head: dict[str, object] = {"width": width, "height": height}
    except PictureError as refused:
        head = refused.values
    except MemoryError:
        head = {"refused": "photo_costly"}
    except Exception:
        head = {"refused": "photo_broken"}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + made)


if __name__ == "__main__":
    main(*sys.argv[1:])
