"""A process killed at any step of a photo's change leaves file and row together."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

from core.base.config import read_settings
from core.documents.photos import set_photo
from core.documents.stored_files import sweep
from core.operations.installation import open_installation
from core.store import close_store
from tests import forked
from tests.pictures import GOOD, WHOLE, files, pointed, together
from tests.small_firm import build_firm

KILLED = """
import os, signal, sys
from core.documents import stored_files, photos
from core.access.open_account import open_account
from core.base.config import read_settings
from core.documents.photos import remove_photo, set_photo
from core.base.rights import Viewer
from core.operations.installation import open_installation
from core.store.connection import Connection

what, step, own, owner = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
settings = read_settings()
open_installation(settings)
account = open_account(Viewer.staff(owner), own)
turns = 0

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def before(thing, name, turn=1):
    real = getattr(thing, name)
    def dies(*args, **kwargs):
        global turns
        turns += 1
        if turns == turn:
            die()
        return real(*args, **kwargs)
    setattr(thing, name, dies)

real_execute = Connection.execute
def execute(self, statement, parameters=None):
    if statement == "COMMIT" and step == "before commit" and placing:
        die()
    done = real_execute(self, statement, parameters)
    if statement == "COMMIT" and step == "after commit" and placing:
        die()
    return done
Connection.execute = execute
placing = False
real_drop = photos._drop_rows
def drop(*args):
    global placing
    placing = True
    if step == "in the transaction":
        die()
    return real_drop(*args)
photos._drop_rows = drop
if step == "before writing":
    before(stored_files, "write")
elif step == "before the first fsync":
    before(os, "fsync")
elif step == "before the second fsync":
    before(os, "fsync", 2)
elif step == "before removing":
    before(stored_files, "remove")
elif step == "while removing":
    before(stored_files.Path, "unlink", 2 if what == "set" else 1)
print("ready", flush=True)
if what == "set":
    set_photo(account, sys.stdin.buffer.read(), (0.0, 0.0, 1.0, 1.0))
else:
    remove_photo(account)
print("survived", flush=True)
"""
STEPS = ["before writing", "before the first fsync", "before the second fsync", "in the transaction", "before commit", "after commit", "before removing", "while removing"]  # fmt: skip
NEW_AFTER = frozenset({"after commit", "before removing", "while removing"})


@pytest.fixture(scope="module")
def with_photo(tmp_path_factory):
    """A data folder whose account has a photo; copied for each kill."""
    data = tmp_path_factory.mktemp("photo") / "data"
    settings = read_settings({"KUNDENBLICK_DATA": str(data)})
    close_store()
    open_installation(settings)
    firm = build_firm()
    set_photo(firm.account(), GOOD["PNG"], WHOLE, settings)
    old = pointed(firm.own)
    close_store()
    return data, firm, old


@pytest.mark.parametrize(
    ("what", "step"),
    [("set", step) for step in STEPS] + [("remove", step) for step in STEPS[3:]],
)
def test_a_kill_at_any_step_leaves_file_and_row_together(with_photo, tmp_path, what, step):
    data, firm, old = with_photo
    shutil.copytree(data, tmp_path / "data")
    environ = os.environ | {"KUNDENBLICK_DATA": str(tmp_path / "data")}
    ended = forked.run(["-c", KILLED, what, step, str(firm.own), str(firm.owner)], environ, GOOD["JPEG"])
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "ready\n"), ended.stderr[-2000:]
    settings = read_settings(environ)
    close_store()
    open_installation(settings)
    try:
        sweep(settings)
        together(settings)
        if step not in NEW_AFTER:
            assert pointed(firm.own) == old
        elif what == "set":
            assert pointed(firm.own) not in (None, old)
        else:
            assert firm.account().photo_id is None
            assert files(settings) == set()
        set_photo(firm.account(), GOOD["WEBP"], WHOLE, settings)
        together(settings)
    finally:
        close_store()
