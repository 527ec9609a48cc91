"""Which of two languages a path through the browser is walked in."""

from __future__ import annotations

from pathlib import Path

from tests.languages import LANGUAGE, second_languages

PATHS = [f"tests/browser/test_{i}.py::test_path" for i in range(40)]
BOTH = [f"{path}[chromium-{language}]" for path in PATHS for language in ("de-DE", "en-GB")]


def test_each_path_is_walked_once_and_both_languages_are_walked():
    left = second_languages(BOTH)
    walked = [name for name in BOTH if name not in left]
    assert [LANGUAGE.sub("", name) for name in walked] == [f"{path}[chromium-]" for path in PATHS]
    languages = [LANGUAGE.search(name)[0] for name in walked]
    assert 10 < languages.count("de-DE") < 30


def test_nothing_but_a_second_language_is_left_out():
    alone = ["a.py::test_x[de-chromium]", "a.py::test_y[chromium]", "a.py::test_z[chromium-dense]", "a.py::test_z[chromium-end]"]
    assert second_languages(alone) == set()


def test_the_command_for_both_is_there():
    assert "TESTS=wide" in (Path(__file__).parents[1] / "Makefile").read_text("utf-8")
