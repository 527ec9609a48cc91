"""Draw pictures of clients: portraits of plain shapes and logos of companies, 512 px WebP."""

from __future__ import annotations

import io
from random import Random

from PIL import Image, ImageDraw, ImageFont

from core.base.text_folding import folds, words

SIZE_PX = 512
GROUNDS = [
    ((214, 228, 221), (150, 186, 176)),
    ((236, 222, 203), (205, 170, 132)),
    ((212, 223, 236), (140, 168, 206)),
    ((236, 218, 220), (202, 150, 160)),
    ((226, 222, 240), (164, 152, 208)),
    ((222, 233, 206), (160, 188, 122)),
]
SKINS = ["#f0cfb4", "#e3b591", "#c98f68", "#a56d48", "#7c4c31", "#f5dcc8"]
HAIRS = ["#2b211c", "#5a3a22", "#8c5a2b", "#c9a15a", "#9b9b9b", "#d9d4cc", "#7a2f1d"]
CLOTHES = ["#1f5f5b", "#2c4a7c", "#7a2f3d", "#4d3f86", "#3c4043", "#8a4b2d"]


def _ground(random: Random) -> Image.Image:
    top, bottom = random.choice(GROUNDS)
    mask = Image.linear_gradient("L").resize((SIZE_PX * 2, SIZE_PX * 2))
    return Image.composite(Image.new("RGB", mask.size, bottom), Image.new("RGB", mask.size, top), mask)


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.resize((SIZE_PX, SIZE_PX), Image.Resampling.LANCZOS).save(out, "WEBP", quality=86)
    return out.getvalue()


def portrait(random: Random) -> bytes:
    """Return a drawn head and shoulders on a soft ground, as WebP."""
    image = _ground(random)
    draw = ImageDraw.Draw(image)
    skin, hair, cloth = random.choice(SKINS), random.choice(HAIRS), random.choice(CLOTHES)
    is_long = random.random() < 0.5
    draw.ellipse((312, 170, 712, 640 if not is_long else 760), fill=hair)
    if is_long:
        draw.rounded_rectangle((312, 400, 712, 800), radius=90, fill=hair)
    draw.ellipse((172, 740, 852, 1300), fill=cloth)
    draw.rounded_rectangle((444, 600, 580, 800), radius=60, fill=skin)
    draw.polygon([(430, 752), (512, 860), (594, 752)], fill=skin)
    draw.ellipse((348, 240, 676, 680), fill=skin)
    draw.pieslice((326, 190, 698, 560), 180 + random.randint(-8, 22), 360 - random.randint(-8, 22), fill=hair)
    for x in (440, 584):
        draw.ellipse((x - 17, 430, x + 17, 464), fill="#2b2b2b")
        draw.arc((x - 38, 384, x + 38, 436), 200, 340, fill=hair, width=9)
    draw.arc((446, 520, 578, 606), 20, 160, fill="#8a3f3a", width=10)
    draw.line((512, 462, 500, 532), fill="#00000040" if skin == SKINS[4] else "#b98562", width=8)
    if random.random() < 0.35:
        for x in (440, 584):
            draw.ellipse((x - 56, 392, x + 56, 504), outline="#333333", width=9)
        draw.line((496, 446, 528, 446), fill="#333333", width=9)
    return _webp(image)


def logo(random: Random, name: str) -> bytes:
    """Return the first letters of a company's name in a coloured shape, as WebP."""
    image = Image.new("RGB", (SIZE_PX * 2, SIZE_PX * 2), "#f7f5f0")
    draw = ImageDraw.Draw(image)
    ink, second = random.sample(CLOTHES, 2)
    match random.randrange(3):
        case 0:
            draw.ellipse((112, 112, 912, 912), fill=ink)
            draw.arc((60, 60, 964, 964), 20, 200, fill=second, width=36)
        case 1:
            draw.rounded_rectangle((130, 130, 894, 894), radius=150, fill=ink)
            draw.polygon([(894, 560), (894, 894), (560, 894)], fill=second)
        case _:
            draw.polygon([(512, 70), (940, 320), (940, 720), (512, 960), (84, 720), (84, 320)], fill=ink)
            draw.line((84, 720, 512, 960, 940, 720), fill=second, width=40)
    letters = "".join(word[0] for word in words(folds(name)[0])[:2]).upper()
    draw.text((512, 512), letters, font=ImageFont.load_default(340), fill="#f7f5f0", anchor="mm")
    return _webp(image)
