"""Stores for tests: a copy of a folder that was written once a worker, opened by an engine that is quick on small tables."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from copy import copy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import pytest

import core.store
from core.access import refusals
from core.base.config import Settings, read_settings
from core.base.rights import Viewer
from core.clients.custom_fields import add_starter_fields, define_field, starter_left
from core.i18n.formats import today
from core.imports import worker
from core.operations.installation import open_installation
from core.store import Engine, close_store, engine, reader
from tests.small_firm import Firm, build_firm

ROOT = Path(__file__).parents[1]


class QuickEngine(Engine):
    """The engine, whose in-memory instance with its views serves the next file as well: to make both takes most of an opening's time.

    The file itself is attached, migrated, checked, checkpointed and let go as ever. A child that was forked leaves its parent's alone.
    One thread computes, for on tables this small a second one costs a third of each statement and does nothing; servers have them all.
    """

    spare: ClassVar[list[tuple[tuple, duckdb.DuckDBPyConnection]]] = []

    def __init__(self, file: Path, memory_limit_mib: int = 4096, threads: int = 0, projections: tuple[type, ...] = ()) -> None:
        super().__init__(file, memory_limit_mib, threads or 1, projections)

    def _kind(self) -> tuple:
        return os.getpid(), self._options

    def _instance(self) -> duckdb.DuckDBPyConnection:
        self.has_views = bool(self.spare) and self.spare[-1][0] == self._kind()
        return self.spare.pop()[1] if self.has_views else super()._instance()

    def _make_views(self, root: duckdb.DuckDBPyConnection) -> None:
        if not self.has_views:
            super()._make_views(root)

    def _give_up(self, root: duckdb.DuckDBPyConnection) -> None:
        try:
            root.execute("USE memory.main")
            root.execute("DETACH kundenblick")
        except duckdb.Error:
            root.close()
        else:
            self.spare.append((self._kind(), root))


core.store.Engine = QuickEngine
IN_CHILD = worker.in_child


def answer_here(asked: str, say: worker.Say, most: int) -> dict:
    """What a child process would answer, after the same journey through JSON; to start one takes a third of a second of computing."""
    told = worker.answer(asked, lambda key, values: say(*json.loads(json.dumps([key, values], default=str))))
    return json.loads(json.dumps(told, default=str)[: most + 1])


worker.in_child = answer_here


def nothing(_: Settings) -> None:
    """What is written into an empty store."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"KUNDENBLICK_DATA": str(tmp_path / "data")})


@pytest.fixture(scope="session")
def closed_folder(tmp_path_factory):
    """``closed_folder(build, day)``: a data folder nobody has open, with what ``build(settings)`` wrote, and its answer; made once a worker."""

    @cache
    def folder(build: Callable[[Settings], Any], day: date) -> tuple[Path, Any]:
        settings = read_settings({"KUNDENBLICK_DATA": str(tmp_path_factory.mktemp("closed") / "data")})
        open_installation(settings)
        answer = build(settings)
        close_store()
        return settings.data, answer

    return folder


@pytest.fixture
def holding(settings: Settings, closed_folder):
    """``holding(build)``: open a store with what ``build(settings)`` writes, return its answer. A copy is opened, built once a worker."""

    def opened(build: Callable[[Settings], Any]) -> Any:
        close_store()
        refusals.forget_repeats()  # what was refused in the store before, to people of the same numbers, is nothing to this one
        data, answer = closed_folder(build, today())
        shutil.copytree(data, settings.data)
        open_installation(settings)
        return copy(answer)

    yield opened
    close_store()


@pytest.fixture
def store(holding):
    """An open, empty store."""
    holding(nothing)
    return engine()


@pytest.fixture
def firm(holding) -> Firm:
    """The small firm in an open store."""
    return holding(build_firm)


@pytest.fixture
def account(firm: Firm):
    """The own account, open to the owner."""
    return firm.account("own")


@pytest.fixture
def fields(firm: Firm) -> dict[str, int]:
    """The starter set and an *E-Mail privat* of contacts."""
    owner = firm.viewer("owner")
    add_starter_fields(owner, [key for key, _, _ in starter_left(owner)])
    define_field(owner, scope="contact", label="E-Mail privat", type="email")
    with reader(Viewer.system("tests")) as r:
        return {row["key"]: row["custom_field_id"] for row in r.rows("SELECT key, custom_field_id FROM custom_field")}


@pytest.fixture
def in_children(monkeypatch) -> None:
    """Imports read files in child processes, as they do outside the tests."""
    monkeypatch.setattr(worker, "in_child", IN_CHILD)


@pytest.fixture
def northwind(tmp_path: Path) -> Path:
    """The worked example of an import, in a folder of its own."""
    return shutil.copytree(ROOT / "tests/data/northwind", tmp_path / "northwind")
