"""SECURITY.md names tests: each is there."""

from __future__ import annotations

import re

from tests.stores import ROOT


def test_every_test_that_is_named_is_there():
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    named = set(re.findall(r"`((?:attacks/|browser/)*test_\w+)`", text))
    known = {file.stem for file in (ROOT / "tests").rglob("test_*.py")}
    assert len(named) > 25
    assert {name for name in named if name.rpartition("/")[2] not in known} == set()
    assert {name for name in named if "/" in name and not list((ROOT / "tests").rglob(f"{name}.py"))} == set()
    assert all((ROOT / file).exists() for file in re.findall(r"`((?:docs|core)/[\w./-]+)`", text))
