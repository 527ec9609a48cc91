"""Walk each path through the browser in one of the two languages; in both with ``make test-wide``.

A path costs the same seconds in either, and differs in nothing but its words. That every word is there in both languages ``test_house`` holds
without a browser; that the pages bear them both, ``test_accessibility`` in one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

import pytest

from tests.size import WIDE

LANGUAGE = re.compile(r"(?<=[\[-])(?:de|en)(?:-DE|-GB)?(?=[\]-])")
# What is looked at in both always, for the words themselves are what is tried.
IN_BOTH = frozenset({"test_accessibility.py"})


def second_languages(names: Iterable[str]) -> set[str]:
    """Return those of the tests' names that say in a second language what another says in the first; which is first hangs on the name."""
    paths: dict[str, list[str]] = defaultdict(list)
    for name in names:
        paths[LANGUAGE.sub("", name)].append(name)
    return {
        name
        for path, walked in paths.items()
        if len(walked) > 1
        for place, name in enumerate(sorted(walked))
        if place != crc32(path.encode()) % len(walked)
    }


def in_one_language(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave those of the second language out of the tests that will run."""
    if WIDE:
        return
    walked = [item for item in items if item.get_closest_marker("browser") and Path(item.fspath).name not in IN_BOTH]
    # A test asked for by its own name runs.
    asked = {argument.rpartition("::")[2] for argument in config.args}
    second = second_languages(item.nodeid for item in walked) - {item.nodeid for item in walked if item.name in asked}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in second])
    items[:] = [item for item in items if item.nodeid not in second]
