"""A photo put up, replaced, removed, killed before every statement and every file: before or after, no file without its row.

python tests/faults/photo_kills.py [--every N]
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from PIL import Image

from core.documents.photos import remove_photo, set_photo
from core.operations.installation import open_installation
from core.store import close_store
from tests.conftest import Firm, build_firm
from tests.faults import kill_at_every_statement
from tests.faults.kill_at_every_statement import Counter, settings_of

FRAME = (0.0, 0.0, 1.0, 1.0)


def picture(colour: str, size: int) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((size, size), 40).convert("RGB").point(lambda value: value // 2 + len(colour)).save(out, "PNG")
    return out.getvalue()


def change(data: Path, firm: Firm, what: str, step: int) -> int:
    """Do it, killed before ``step``; returns how many steps there are."""
    settings, counter = settings_of(data), Counter(step)
    open_installation(settings)
    account = firm.account("own")
    counter.begin()
    if what == "remove":
        remove_photo(account, settings)
    else:
        set_photo(account, PICTURES["second"], FRAME, settings)
    done = counter.done
    close_store()
    return done


PICTURES = {"first": picture("first", 300), "second": picture("another", 400)}


def before(data: Path, what: str, place: Path) -> None:
    """The small firm, with a photo unless the first one is to be put up."""
    open_installation(settings_of(data))
    firm = build_firm()
    settings_of(data).documents.mkdir()
    for name in ("eigenes.txt", "fremdes.txt"):
        (settings_of(data).documents / name).write_text("x")
    if what != "first":
        set_photo(firm.account("own"), PICTURES["first"], FRAME, settings_of(data))
    close_store()
    place.write_text(repr(firm), "utf-8")


def look(data: Path) -> object:
    """What is there; a photo's name is random, its bytes are not."""
    state, wrong = kill_at_every_statement.look(data, lambda name: name.split("/", 1)[0])
    rows = tuple(row for row in state.rows if row[0] not in ("photo", "audit_entry"))
    counted = tuple((table, digest.split(" rows ")[0]) for table, digest in state.rows if table in ("photo", "audit_entry"))
    return rows, counted, state.files, wrong


def kills(folder: Path, what: str, every: int = 1) -> dict[str, int]:
    """``what``: ``first``, ``replace`` or ``remove``."""
    place = folder / "firm"

    def act(data: Path, step: int) -> int:
        return change(data, eval(place.read_text("utf-8"), {"Firm": Firm}), what, step)  # noqa: S307 - written above

    return kill_at_every_statement.kills(folder, lambda data: before(data, what, place), act, look, every)


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--every", type=int, default=1, help="only every so manieth step")
    options = asked.parse_args()
    for what in ("first", "replace", "remove"):
        with tempfile.TemporaryDirectory() as place:
            began = time.monotonic()
            print(f"{what}: {kills(Path(place), what, options.every)}, {time.monotonic() - began:.0f} s", flush=True)
