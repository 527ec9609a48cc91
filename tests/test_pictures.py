"""Pictures that come in: made safe in a child process, or refused with a reason."""

from __future__ import annotations

import io
import struct
import time
import zlib

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from core.documents import photos
from core.documents.photos import preview, set_photo
from core.i18n import LANGUAGES, speaking, t
from tests.pictures import (
    BLUE,
    GOOD,
    GREEN,
    MODES,
    RED,
    ROOT,
    WHITE,
    WHOLE,
    YELLOW,
    alike,
    as_photo,
    corners,
    files,
    held,
    quarters,
    refused,
    written,
)


@pytest.mark.parametrize("turn", range(9))
@pytest.mark.parametrize("form", MODES)
def test_a_picture_stands_upright_however_the_camera_was_held(form, turn):
    """Orientation 0 is nonsense and counts as none; the turned picture is 48 wide and 64 high for 5 to 8."""
    ways = [None, None, 0, 3, 1, 5, 4, 6, 2]
    upright = quarters(96, 64) if turn < 5 else quarters(64, 96)
    # What the sensor saw is the upright picture turned back: 6 undoes 8, the others undo themselves.
    back = {6: 8, 8: 6}.get(turn, turn)
    seen = upright if ways[back] is None else upright.transpose({0: 0, 3: 3, 1: 1, 5: 5, 4: 4, 6: 6, 2: 2}[ways[back]])
    content = written(seen, form, exif=held(turn))
    shown, width, height = preview(content)
    assert upright.size == (width, height) == Image.open(io.BytesIO(shown)).size
    assert alike(corners(Image.open(io.BytesIO(shown))), [RED, GREEN, BLUE, YELLOW])
    side = 32
    right_half = as_photo(content, (1 - side / width, 0, 1, side / height))
    assert alike([right_half.convert("RGB").getpixel((24, 8))], [GREEN])


@pytest.mark.parametrize(("form", "mode"), [(form, mode) for form, modes in MODES.items() for mode in modes])
def test_every_mode_looks_as_it_should(form, mode):
    image = quarters()
    if mode in ("L", "1"):
        image = image.convert("L").point(lambda value: 255 if value > 90 else 0).convert(mode)
        expected = [WHITE if value else (0, 0, 0) for value in image.convert("L").resize((2, 2), Image.Resampling.NEAREST).tobytes()]
    elif mode == "I;16":
        image = Image.frombytes("I;16", (128, 128), struct.pack("<128H", *[40 * 257] * 64, *[200 * 257] * 64) * 128)
        expected = [(40, 40, 40), (200, 200, 200)] * 2
    elif mode == "LA":
        image = image.convert("LA")
        expected = [(value,) * 3 for value in quarters().convert("L").resize((2, 2), Image.Resampling.NEAREST).tobytes()]
    else:
        image = image.quantize() if mode == "P" else image.convert(mode)
        expected = [RED, GREEN, BLUE, YELLOW]
    content = written(image, form, **({"lossless": True} if form == "WEBP" else {}))
    made = as_photo(content)
    assert (made.mode, made.size) == ("RGB", (128, 128))
    assert alike(corners(made), expected)


@pytest.mark.parametrize("kind", ["RGBA", "LA", "palette", "key color", "webp"])
def test_what_is_transparent_becomes_white(kind):
    image = quarters().convert("RGBA")
    image.paste((0, 0, 0, 0), (64, 0, 128, 64))
    how: dict[str, object] = {}
    if kind == "LA":
        image = image.convert("LA")
    elif kind == "palette":
        image = image.quantize()
    elif kind == "key color":
        image, how = quarters(), {"transparency": GREEN}
    made = as_photo(written(image, "WEBP" if kind == "webp" else "PNG", **how))
    assert alike([corners(made)[1]], [WHITE], 6)
    assert not alike([corners(made)[0]], [WHITE], 60)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_counts(form):
    frames = [Image.new("RGB", (64, 64), color) for color in (RED, GREEN, BLUE)]
    content = written(frames[0], form, save_all=True, append_images=frames[1:], duration=100)
    assert alike(corners(as_photo(content)), [RED] * 4)


def test_a_picture_of_several_in_one_jpeg():
    content = written(quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (128, 128), BLUE)])
    assert alike(corners(as_photo(content)), [RED, GREEN, BLUE, YELLOW])


def sixteen_bit_rgb() -> bytes:
    """A PNG with 16 bits a colour: no library of ours writes one."""
    row = b"\0" + b"".join(struct.pack(">HHH", *(value * 257 for value in RED)) for _ in range(40))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 40, 40, 16, 2, 0, 0, 0)), (b"IDAT", zlib.compress(row * 40)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_sixteen_bits_a_colour():
    assert alike(corners(as_photo(sixteen_bit_rgb())), [RED] * 4)


def test_a_colour_profile_is_followed_and_a_broken_one_left_out():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = Image.merge("RGB", quarters().split())
    assert alike(corners(as_photo(written(swapped, "PNG", icc_profile=lab))), [RED, GREEN, BLUE, YELLOW])
    for broken in (b"nonsense", lab[:60], lab[:128] + b"\xff" * 200):
        for form in ("PNG", "JPEG", "WEBP"):
            assert alike(corners(as_photo(written(quarters(), form, icc_profile=broken))), [RED, GREEN, BLUE, YELLOW])


@pytest.mark.parametrize("kind", ["baseline", "progressive", "png", "webp turned"])
def test_twenty_four_megapixels(kind):
    base = quarters(6000, 4000)
    content = {
        "baseline": lambda: written(base, "JPEG"),
        "progressive": lambda: written(base, "JPEG", progressive=True),
        "png": lambda: written(base.convert("RGBA"), "PNG", compress_level=1),
        "webp turned": lambda: written(base, "WEBP", method=0, exif=held(3)),
    }[kind]()
    shown, width, height = preview(content)
    assert (width, height) == (6000, 4000)
    assert Image.open(io.BytesIO(shown)).size == (1024, 683)
    made = as_photo(content, (1 / 3, 0.0, 1.0, 1.0))
    assert made.size == (512, 512)
    expected = [YELLOW, BLUE, GREEN, RED] if "turned" in kind else [RED, GREEN, BLUE, YELLOW]
    assert alike([made.convert("RGB").getpixel(at) for at in ((20, 20), (400, 20), (20, 400), (400, 400))], expected)


SECRET = b"48.137154 N 11.576124 E geheim"


def with_everything(form: str) -> bytes:
    """A picture that carries a place, a comment, a note of its maker and a tail."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 13.75)
    exif.get_ifd(0x8769)[0x9286] = SECRET
    how: dict[str, object] = {"exif": exif}
    if form == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", SECRET.decode())
        info.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET.decode()}</x>", zip=False)
        how["pnginfo"] = info
    elif form == "JPEG":
        how |= {"comment": SECRET, "xmp": b"<x>" + SECRET + b"</x>"}
    else:
        how["xmp"] = b"<x>" + SECRET + b"</x>"
    return written(quarters(), form, **how) + SECRET


@pytest.mark.parametrize("form", MODES)
def test_nothing_of_where_and_by_whom_is_left(form):
    content = with_everything(form)
    assert content.count(SECRET) >= 2
    for made in (photos._made(content, "photo", "0", "0", "1", "1")[0], preview(content)[0]):
        assert b"geheim" not in made
        assert b"11.57" not in made
        image = Image.open(io.BytesIO(made))
        image.load()
        assert dict(image.getexif()) == {}
        assert not {"exif", "xmp", "comment", "icc_profile"} & {key for key, value in image.info.items() if value}
        kinds, at = set(), 12
        while at < len(made):
            kinds.add(made[at : at + 4])
            at += 8 + (size := struct.unpack("<I", made[at + 4 : at + 8])[0]) + size % 2
        assert kinds == {b"VP8 "}


def endless_text() -> bytes:
    """A small PNG whose compressed text wants 200 MB."""
    good = written(quarters(), "PNG")
    return good[:33] + chunk(b"zTXt", b"x\0\0" + zlib.compress(b"\0" * 200_000_000, 9)) + good[33:]


def header_only(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")  # fmt: skip


HOSTILE = {
    "nothing": (lambda: b"", "photo_format"),
    "text": (lambda: b"Das ist kein Bild.", "photo_format"),
    "page": (lambda: b"<html><img src=x onerror=alert(1)>", "photo_format"),
    "svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "photo_format"),
    "pdf": (lambda: b"%PDF-1.7\n1 0 obj", "photo_format"),
    "zip": (lambda: b"PK\x03\x04" + b"\0" * 100, "photo_format"),
    "postscript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 50 50\n", "photo_format"),
    "gif": (lambda: written(quarters(), "GIF"), "photo_format"),
    "bmp": (lambda: written(quarters(), "BMP"), "photo_format"),
    "tiff": (lambda: written(quarters(), "TIFF"), "photo_format"),
    "avif": (lambda: written(quarters(), "AVIF"), "photo_format"),
    "ico": (lambda: written(quarters(64, 64), "ICO"), "photo_format"),
    "jpeg2000": (lambda: written(quarters(), "JPEG2000"), "photo_format"),
    "heic": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100, "photo_format"),
    "png begins": (lambda: b"\x89PNG\r\n\x1a\n", "photo_broken"),
    "jpeg begins": (lambda: b"\xff\xd8\xff\xe0", "photo_broken"),
    "webp begins": (lambda: b"RIFF\x10\0\0\0WEBPVP8 ", "photo_broken"),
    "half a png": (lambda: GOOD["PNG"][: len(GOOD["PNG"]) * 2 // 3], "photo_broken"),
    "half a jpeg": (lambda: GOOD["JPEG"][: len(GOOD["JPEG"]) * 2 // 3], "photo_broken"),
    "half a webp": (lambda: GOOD["WEBP"][: len(GOOD["WEBP"]) // 2], "photo_broken"),
    "png of ones": (lambda: GOOD["PNG"][:41] + b"\xff" * 500, "photo_broken"),
    "wrong checksum": (lambda: GOOD["PNG"][:20] + b"\0\0\0\x90" + GOOD["PNG"][24:], "photo_broken"),
    "13000 squared": (lambda: written(Image.new("1", (13000, 13000)), "PNG"), "photo_pixels"),
    "26 megapixels": (lambda: written(Image.new("L", (5200, 5001)), "JPEG", quality=20), "photo_pixels"),
    "says 2 billion": (lambda: header_only(2**31 - 1, 2**31 - 1), "photo_pixels"),
    "a line": (lambda: header_only(2_000_000, 12), "photo_small"),
    "says much, holds nothing": (lambda: header_only(4999, 4999), "photo_broken"),
    "no width": (lambda: header_only(0, 50), "photo_broken"),
    "tiny png": (lambda: written(Image.new("RGB", (31, 200)), "PNG"), "photo_small"),
    "tiny jpeg": (lambda: written(Image.new("RGB", (200, 31)), "JPEG"), "photo_small"),
    "one pixel": (lambda: written(Image.new("RGB", (1, 1)), "WEBP"), "photo_small"),
    "too many bytes": (lambda: GOOD["PNG"] + b"\0" * (10 * 2**20), "photo_bytes"),
    "endless text": (endless_text, "photo_broken"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_cannot_be_used_is_refused_with_its_reason(kind):
    make, code = HOSTILE[kind]
    assert refused(make())[0] == code


@pytest.mark.parametrize("form", MODES)
def test_no_damage_gets_out_of_the_child(form):
    """Bytes turned at a hundred places: a picture or a reason, in the same process for speed."""
    from core.documents.photo_worker import PictureError, make

    good = GOOD[form]
    for place in range(0, len(good), max(1, len(good) // 100)):
        bad = good[:place] + bytes([good[place] ^ 0xFF]) + good[place + 1 :]
        try:
            wide, high, made = make(bad, None)
        except PictureError as said:
            assert said.values["refused"].startswith("photo_")
        except Exception as problem:
            assert isinstance(problem, OSError | ValueError | SyntaxError | struct.error | EOFError | OverflowError), problem
        else:
            assert wide
            assert high
            assert made[:4] == b"RIFF"


FRAMES = {
    "outside": (0.5, 0.5, 1.5, 1.5),
    "turned round": (1.0, 1.0, 0.0, 0.0),
    "no square": (0.0, 0.0, 1.0, 0.5),
    "too small": (0.0, 0.0, 0.1, 0.1),
    "nothing": (0.0, 0.0, 0.0, 0.0),
    "no number": (0.0, 0.0, float("nan"), 1.0),
    "endless": (0.0, 0.0, float("inf"), 1.0),
    "words": ("0", "0", "1", "1"),
    "three": (0.0, 0.0, 1.0),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_that_does_not_fit_is_refused(firm, settings, kind):
    frame = FRAMES[kind]
    code, _ = refused(GOOD["PNG"], lambda content: set_photo(firm.account(), content, frame, settings))
    assert code == "photo_frame"
    assert files(settings) == set()


def test_a_frame_is_square_in_pixels_not_in_fractions():
    content = written(quarters(400, 200), "PNG")
    assert as_photo(content, (0.25, 0.0, 0.75, 1.0)).size == (200, 200)
    assert as_photo(content, (0.25 - 2e-7, -1e-7, 0.75, 1.0)).size == (200, 200)
    for frame in (WHOLE, (0.0, 0.0, 0.51, 1.0)):
        assert refused(content, lambda c, frame=frame: as_photo(c, frame))[0] == "photo_frame"


def child_with(monkeypatch, tmp_path, code: str) -> None:
    """Another program in the child's place: the limits of the real one, then what an attacker would do."""
    file = tmp_path / "child.py"
    file.write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom core.documents.photo_worker import limit\nlimit()\n{code}\n")
    monkeypatch.setattr(photos, "_WORKER", file)


@pytest.mark.parametrize(
    "code",
    [
        "x = bytearray(2 * 2**30)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "import sys\nwhile True: sys.stdout.buffer.write(b'x' * 2**20)",
        "print('[]')",
        "print('{}')",
        'print(\'{"refused": "sold"}\')',
        'print(\'{"refused": ["photo_small"]}\')',
        'print(\'{"width": 1, "height": "<b>"}\')',
        'print(\'{"width": 1, "height": 1}\', flush=True)\nraise SystemExit(3)',
    ],
    ids=["memory", "crash", "output", "list", "nothing", "other word", "no word", "no number", "failed"],
)
def test_a_child_gone_wild_is_only_a_refusal(monkeypatch, tmp_path, code):
    child_with(monkeypatch, tmp_path, code)
    assert refused(GOOD["PNG"])[0] == "photo_costly"


def test_a_child_that_does_not_end_is_ended(monkeypatch, tmp_path):
    monkeypatch.setattr(photos, "WORKER_TIMEOUT_S", 0.6)
    child_with(monkeypatch, tmp_path, "import time; time.sleep(60)")
    begun = time.monotonic()
    assert refused(GOOD["PNG"])[0] == "photo_costly"
    assert time.monotonic() - begun < 5


def test_a_child_may_not_compute_for_ever(monkeypatch, tmp_path):
    child_with(monkeypatch, tmp_path, "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass")
    assert refused(GOOD["PNG"])[0] == "photo_costly"


def test_a_child_knows_nothing_of_us_and_writes_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("KUNDENBLICK_SECRET", "geheim")
    code = f"""
import json, os
told = {{"width": len([k for k in os.environ if k.startswith(("KUNDEN", "PYTHON", "PATH", "HOME"))]), "height": len(os.listdir("/proc/self/fd"))}}
try:
    open({str(tmp_path / "out")!r}, "wb", buffering=0).write(b"x" * 9_000_000)
except OSError:
    pass
print(json.dumps(told))
"""
    child_with(monkeypatch, tmp_path, code)
    _, known, handles = preview(GOOD["PNG"])
    assert (known, handles) == (0, 4)
    assert (tmp_path / "out").stat().st_size <= 8 * 2**20


def test_the_sentences_name_what_is_expected():
    for code in ("photo_bytes", "photo_pixels", "photo_small", "photo_format", "photo_broken", "photo_costly", "photo_frame"):
        for language in LANGUAGES:
            with speaking(language):
                text = t(f"errors.{code}", size=11, largest=10, most=25, width=1, height=2, least=32)
                assert any(word in text for word in ("JPEG", "Möglich", "possible", "mindestens", "at least")), text
