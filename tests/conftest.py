"""What tests ask for, the cheapest first. The fixtures themselves lie in ``stores``, ``servers`` and ``chromium``.

``firm``: the small firm (``small_firm``) in an open store, a copy of a folder that is written once a worker; ``store``: an empty one.
When several tests need more in it, a function ``build_…(settings)`` beside them writes that once a worker, and ``holding(build_…)`` opens
a copy and returns what it returned. ``shell`` asks our routes without a server. In Chromium: ``server`` (the sample firm) and
``small_server`` run for all tests of a worker; only a test that would spoil them for others takes ``run_small``.
``visit(server, who, path)`` opens a page there; ``contexts.go`` takes it to another, at half the work of loading that one anew.
``sample_folder`` is built once a run: copy it. Wait for what is to be seen, never for a time.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest

# Whoever runs a bench or a fault by itself imports them from here, so that it works in memory and on the quick engine as the tests do.
from tests.chromium import CHROMIUM, browser, browser_context_args, browser_type_launch_args, visit  # noqa: F401
from tests.languages import in_one_language
from tests.on_failure import pytest_runtest_makereport  # noqa: F401
from tests.servers import Server, free_port, run_small, sample_folder, server, shell, small_server  # noqa: F401
from tests.small_firm import PASSWORD, Firm, build_firm  # noqa: F401
from tests.stores import (  # noqa: F401
    ROOT,
    account,
    closed_folder,
    fields,
    firm,
    holding,
    in_children,
    northwind,
    settings,
    store,
)


def work_in_memory(place: Path = Path("/dev", "shm"), needed_bytes: int = 4 * 2**30) -> None:
    """Put what tests write where nothing waits for a disk, unless somebody said where: each save waits there, and all tests share one.

    A kill of a process is what it was: what it wrote stays. That a disk loses what was not written through is tested nowhere here.
    """
    if "TMPDIR" not in os.environ and os.access(place, os.W_OK) and shutil.disk_usage(place).free >= needed_bytes:
        os.environ["TMPDIR"] = tempfile.tempdir = str(place)


# Begun after the browser's, for at the end one worker would be busy with the last of them while the others have nothing left to do.
LONG = re.compile(r"test_(faults|cli|widgets|import_(words|lists|all|worker)|nothing_unreachable|cards|doctor)\.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave second languages out, and begin long files early: files of the folders, long files, all others."""
    in_one_language(config, items)
    items.sort(key=lambda item: 0 if item.path.parent.name != "tests" else 1 if LONG.fullmatch(item.path.name) else 2)


def pytest_collection_finish() -> None:
    """Look through nothing that was loaded until now for garbage again: it stays to the end."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Let everything go at the end, as an interpreter does."""
    gc.unfreeze()


# Until all tests are known nothing becomes garbage.
gc.disable()
work_in_memory()
# Every server, command and child of an import would compile the app anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
