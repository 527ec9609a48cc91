"""The photo's form in a real browser: chosen, pasted, taken; cut by mouse, by fingers and by keyboard alone; removed."""

from __future__ import annotations

import base64
import contextlib
import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen
RED, GREEN, BLUE, YELLOW = (230, 30, 30), (30, 180, 30), (30, 30, 230), (230, 220, 30)
WORDS = {
    "de-DE": {
        "change": "Foto ändern", "remove": "Foto entfernen", "title": "Foto", "file": "Datei auswählen", "frame": "Bildausschnitt",
        "save": "Speichern", "cancel": "Abbrechen", "other": "Anderes Bild", "camera": "Kamera", "take": "Aufnehmen",
        "no": "Diese Datei ist kein Bild", "size": "Größe des Ausschnitts", "status": "Ausschnitt:",
        "limits": "PNG, JPEG oder WebP, bis 10 MB",
    },
    "en-GB": {
        "change": "Change photo", "remove": "Remove photo", "title": "Photo", "file": "Choose file", "frame": "Part of the picture",
        "save": "Save", "cancel": "Cancel", "other": "Another picture", "camera": "Camera", "take": "Take photo",
        "no": "This file is not a picture", "size": "Size of the part", "status": "Part of the picture:",
        "limits": "PNG, JPEG or WebP, up to 10 MB",
    },
}  # fmt: skip


def picture() -> bytes:
    """400 × 400: red and green above, blue and yellow below."""
    image = Image.new("RGB", (400, 400), RED)
    draw = ImageDraw.Draw(image)
    for box, color in (((200, 0, 400, 199), GREEN), ((0, 200, 199, 400), BLUE), ((200, 200, 400, 400), YELLOW)):
        draw.rectangle(box, color)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def people(visit, small_server):
    """Browsers of the owner at the client's Info page."""

    def another(locale: str = "de-DE", **options) -> Page:
        page = visit(small_server, "owner", f"/info?account={small_server.firm.own}", locale, **options)
        page.words = WORDS[locale]
        expect(page.locator(".st-key-photo-change")).to_be_visible(timeout=SOON)
        expect(page.locator(".st-key-account-bar .kb-face")).to_be_visible(timeout=SOON)
        face = page.locator(".st-key-account-bar img.kb-face")
        page.before = face.get_attribute("src") if face.count() else None
        return page

    return another


def open_dialog(page: Page):
    page.locator(".st-key-photo-change button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=page.words["file"])).to_be_visible(timeout=SOON)
    return dialog


def choose(dialog, content: bytes, name: str = "foto.png") -> None:
    dialog.locator('input[type="file"]').set_input_files({"name": name, "mimeType": "image/png", "buffer": content})


def frame_of(dialog):
    frame = dialog.get_by_role("application")
    expect(frame).to_be_visible(timeout=SOON)
    return frame


def numbers(frame) -> list[float]:
    return [float(value) for value in frame.get_attribute("data-frame").split()]


def expect_numbers(frame, *expected: float) -> None:
    assert numbers(frame) == pytest.approx(expected, abs=0.02)


def expect_photo(page: Page, color: tuple[int, int, int]) -> None:
    """The bar shows the photo, and what is served is of that colour."""
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=SOON)
    shown = page.locator(".st-key-account-bar img.kb-face")
    expect(shown).to_be_visible(timeout=SOON)
    if page.before:
        expect(shown).not_to_have_attribute("src", page.before, timeout=SOON)
    address = shown.evaluate("image => image.src").split("?")[0]
    image = Image.open(io.BytesIO(page.request.get(address).body())).convert("RGB")
    assert image.width == image.height
    for x in (0.1, 0.5, 0.9):
        found = image.getpixel((int(image.width * x), image.height // 2))
        assert found == pytest.approx(color, abs=25)


@pytest.mark.parametrize("locale", WORDS)
def test_cut_with_the_mouse_and_removed_after_a_question(people, locale):
    page = people(locale)
    dialog = open_dialog(page)
    choose(dialog, picture())
    frame = frame_of(dialog)
    expect_numbers(frame, 0, 0, 1, 1)
    stage = dialog.locator(".stage").bounding_box()
    side, corner = stage["width"], dialog.locator(".handle.se")
    box = corner.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(stage["x"] + side * 0.6, stage["y"] + side * 0.5, steps=4)
    page.mouse.move(stage["x"] + side * 0.4, stage["y"] + side * 0.4, steps=4)
    page.mouse.up()
    expect_numbers(frame, 0, 0, 0.4, 0.4)
    page.mouse.move(stage["x"] + side * 0.2, stage["y"] + side * 0.2)
    page.mouse.down()
    page.mouse.move(stage["x"] + side * 0.75, stage["y"] + side * 0.2, steps=6)
    page.mouse.up()
    expect_numbers(frame, 0.55, 0, 0.95, 0.4)
    for pixels in (96, 48):
        round_ = dialog.locator(f'.round[data-pixels="{pixels}"]')
        assert (round_.bounding_box()["width"], round_.bounding_box()["height"]) == (pixels, pixels)
        small = Image.open(io.BytesIO(round_.screenshot())).convert("RGB")
        assert small.getpixel((pixels // 2, pixels // 2)) == pytest.approx(GREEN, abs=25)
    page.mouse.move(stage["x"] + side * 0.75, stage["y"] + side * 0.2)
    page.mouse.wheel(0, -200)
    assert numbers(frame)[2] - numbers(frame)[0] < 0.38
    dialog.get_by_role("button", name=page.words["save"]).click()
    expect_photo(page, GREEN)
    for answer, left in (("cancel", 1), ("remove", 0)):
        page.locator(".st-key-photo-remove button").click()
        expect(dialog.get_by_text("Müller/Weber GbR")).to_be_visible(timeout=SOON)
        dialog.get_by_role("button", name=page.words[answer]).click()
        expect(page.get_by_role("dialog")).to_have_count(0, timeout=SOON)
        expect(page.locator(".st-key-account-bar img.kb-face")).to_have_count(left, timeout=SOON)
    expect(page.locator(".st-key-photo-remove")).to_have_count(0)


@pytest.mark.parametrize("locale", WORDS)
def test_cut_with_the_keyboard_alone(people, locale):
    page = people(locale)
    # Listened for from the start: the browser needs a moment to hand its file window over.
    page.on("filechooser", lambda chooser: chooser.set_files({"name": "foto.png", "mimeType": "image/png", "buffer": picture()}))
    page.locator(".st-key-photo-change button").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    file = dialog.get_by_role("button", name=page.words["file"])
    expect(file).to_be_visible(timeout=SOON)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)
    for _ in range(8):
        if file.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(file).to_be_focused()
    page.keyboard.press("Enter")
    frame = frame_of(dialog)
    expect(frame).to_be_focused()
    expect(frame).to_have_attribute("aria-label", page.words["frame"])
    for _ in range(15):
        page.keyboard.press("-")
    expect_numbers(frame, 0.3, 0.3, 0.7, 0.7)
    page.keyboard.press("+")
    page.keyboard.press("-")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")
    for _ in range(25):
        page.keyboard.press("ArrowDown")
    expect_numbers(frame, 0, 0.55, 0.4, 0.95)
    expect(dialog.get_by_role("status")).to_contain_text(page.words["status"])
    page.keyboard.press("Tab")
    slider = dialog.get_by_role("slider", name=page.words["size"])
    expect(slider).to_be_focused()
    page.keyboard.press("ArrowLeft")
    for name in ("other", "cancel", "save"):
        page.keyboard.press("Tab")
        expect(dialog.get_by_role("button", name=page.words[name])).to_be_focused()
    page.keyboard.press("Enter")
    expect_photo(page, BLUE)


@pytest.mark.parametrize("locale", WORDS)
def test_a_wrong_file_is_told_and_another_chosen_pasted_or_taken(people, locale):
    page = people(locale)
    dialog = open_dialog(page)
    # Told by our own component whatever the translator of Streamlit's words did before.
    expect(dialog.get_by_text(page.words["limits"])).to_be_visible(timeout=SOON)
    choose(dialog, b"Das ist kein Bild.", "brief.png")
    expect(dialog.get_by_text(page.words["no"])).to_be_visible(timeout=SOON)
    choose(dialog, picture())
    frame_of(dialog)
    expect(dialog.get_by_text(page.words["no"])).to_have_count(0)
    another(page)
    page.evaluate(
        """encoded => {
            const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([bytes], 'bild.png', { type: 'image/png' }));
            document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
        }""",
        base64.b64encode(picture()).decode(),
    )
    frame_of(dialog)
    another(page)
    dialog.get_by_text(page.words["camera"], exact=True).click()
    take = dialog.get_by_role("button", name=page.words["take"])
    expect(take).to_be_enabled(timeout=SOON)
    expect(dialog.locator("video")).to_be_visible(timeout=SOON)
    # A press before the camera has shown something takes nothing.
    dialog.locator("video").evaluate(
        "video => new Promise((shown) => video.requestVideoFrameCallback(() => video.requestVideoFrameCallback(() => shown(true))))"
    )
    page.wait_for_timeout(300)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)
    # A camera that has only just begun may give no picture yet: one presses again.
    for _ in range(3):
        take.click()
        with contextlib.suppress(AssertionError):
            expect(dialog.get_by_role("application")).to_be_visible(timeout=8000)
            break
    frame_of(dialog)
    dialog.get_by_role("button", name=page.words["cancel"]).click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=SOON)


def another(page: Page) -> None:
    """Back to the choice of a picture."""
    page.get_by_role("dialog").get_by_role("button", name=page.words["other"]).click()
    expect(page.get_by_role("dialog").get_by_role("button", name=page.words["file"])).to_be_visible(timeout=SOON)


def test_two_fingers_scale_and_one_moves_on_a_narrow_screen(people):
    page = people("en-GB", viewport={"width": 390, "height": 844}, has_touch=True)
    dialog = open_dialog(page)
    choose(dialog, picture())
    frame = frame_of(dialog)
    page.wait_for_timeout(400)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    stage = dialog.locator(".stage").bounding_box()
    assert stage["x"] >= 0
    assert stage["x"] + stage["width"] <= 390
    touch = page.context.new_cdp_session(page)

    def at(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": stage["x"] + stage["width"] * x, "y": stage["y"] + stage["height"] * y, "id": n} for n, (x, y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    at("touchStart", (0.1, 0.5), (0.9, 0.5))
    for step in range(1, 6):
        at("touchMove", (0.1 + 0.06 * step, 0.5), (0.9 - 0.04 * step, 0.5))
    at("touchEnd")
    left, _, right, _ = numbers(frame)
    assert right - left == pytest.approx(0.3 / 0.8, abs=0.06)
    at("touchStart", (0.5, 0.5))
    for step in range(1, 6):
        at("touchMove", (0.5 + 0.08 * step, 0.5 + 0.08 * step))
    at("touchEnd")
    assert numbers(frame)[2:] == pytest.approx([1, 1], abs=0.02)
    dialog.get_by_role("button", name=page.words["save"]).click()
    expect_photo(page, YELLOW)


def test_axe_finds_nothing_in_the_frame(people):
    page = people()
    dialog = open_dialog(page)
    choose(dialog, picture())
    frame_of(dialog)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(700)  # colours fade
        results = Axe().run(page, context='[role="dialog"]', options={"runOnly": ["wcag2a", "wcag2aa"]})
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in results.response["violations"]] == [], scheme
