"""What is imported is declared, the lists agree, and the tools of the gate say what they find."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tools import audit, commit_subject, lock

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OURS = {"core", "pages", "tests", "tools"}
# Declared without being imported here, and why.
NOT_IMPORTED = {
    "pandas": "the design names it; Streamlit draws tables with it",
    "uvloop": "uvicorn takes it where it is installed",
    "pytest-playwright": "a plug-in of pytest",
    "pytest-xdist": "a plug-in of pytest",
    "ruff": "a program",
    "import-linter": "a program",
    "mypy": "a program",
    "pip-audit": "a program",
    "pre-commit": "a program",
}


def names(requirements: Iterable[str]) -> set[str]:
    return {lock.normalised(re.split(r"[\[=]", requirement)[0]) for requirement in requirements}


APP = names(PROJECT["project"]["dependencies"])
SAMPLE = names(PROJECT["project"]["optional-dependencies"]["sample"])
TEST = names(requirement for group in ("test", "lint") for requirement in PROJECT["dependency-groups"][group])


def distributions(files: Iterable[Path]) -> dict[str, Path]:
    """The distributions whose modules these files import, each with a file that does."""
    known = packages_distributions()
    found = {}
    for file in files:
        if "node_modules" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules = [node.module]
            for module in {name.split(".")[0] for name in modules} - sys.stdlib_module_names - OURS:
                assert module in known, f"{module} of {file} is not installed"
                found |= {lock.normalised(name): file for name in known[module]}
    return found


def test_what_the_app_imports_is_declared():
    rooms = [*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"]
    sample = [file for file in rooms if file.is_relative_to(ROOT / "core" / "sample")]
    assert not {name: file for name, file in distributions(set(rooms) - set(sample)).items() if name not in APP}
    assert not {name: file for name, file in distributions(sample).items() if name not in APP | SAMPLE}
    assert (set(distributions(rooms)) | set(NOT_IMPORTED)) & (APP | SAMPLE) == APP | SAMPLE


def test_what_tests_and_tools_import_is_declared():
    found = distributions([*ROOT.glob("tests/**/*.py"), *ROOT.glob("tools/*.py")])
    assert not {name: file for name, file in found.items() if name not in APP | SAMPLE | TEST}
    assert (set(found) | set(NOT_IMPORTED)) & TEST == TEST


def test_the_app_runs_without_the_samples_packages_and_without_pytest():
    # The frame draws when it is imported, and the photo's and the files' readers run in children of their own.
    rooms = (
        file.relative_to(ROOT).with_suffix("") for file in ROOT.glob("core/**/*.py") if file.stem not in ("frame", "__init__", "__main__")
    )
    modules = [".".join(file.parts) for file in rooms if file.parts[1] != "sample"]
    assert len(modules) > 150
    code = f"import sys; sys.modules |= dict.fromkeys(['faker', 'pytest']); import {', '.join(modules)}"
    ran = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    assert "pytest" not in names((ROOT / "requirements.txt").read_text("utf-8").splitlines())


def test_lists_and_locks_say_what_pyproject_says():
    assert lock.problems() == []
    for name in lock.LOCKS:
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text and "index" not in text.split("\n", 3)[3], "which index packages come from is the installer's to say"


@pytest.fixture
def copied(tmp_path):
    for name in ("pyproject.toml", "requirements.txt", *lock.LOCKS):
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    assert lock.problems(tmp_path) == []
    return tmp_path


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("pyproject.toml", '"segno==1.6.6"', '"segno==1.6.7"', "requirements.lock does not hold segno==1.6.7"),
        (
            "pyproject.toml",
            '  "segno==1.6.6",\n',
            "",
            "requirements-dev.lock was not made from this pyproject.toml, or was changed by hand",
        ),
        ("pyproject.toml", '"ruff==0.17.6"', '"ruff==0.17.7"', "requirements-dev.lock does not hold ruff==0.17.7"),
        ("requirements.txt", "segno==1.6.6", "segno==1.6.7", "requirements.txt does not say what pyproject.toml says"),
        (
            "requirements.lock",
            "altair==6.3.0",
            "altair==6.3.1",
            "requirements.lock was not made from this pyproject.toml, or was changed by hand",
        ),
        (
            "requirements.lock",
            "--hash=sha256:7defb6",
            "--hash=sha256:000000",
            "requirements.lock was not made from this pyproject.toml, or was changed by hand",
        ),
    ],
)
def test_a_lock_out_of_step_is_told(copied, file, before, after, told):
    text = (copied / file).read_text("utf-8")
    assert before in text
    (copied / file).write_text(text.replace(before, after), "utf-8")
    assert told in lock.problems(copied)


def test_a_package_without_a_hash_is_told(copied):
    text = (copied / "requirements.lock").read_text("utf-8")
    (copied / "requirements.lock").write_text(re.sub(r"(segno==\S+)( \\\n +--hash=\S+)+", r"\1", text), "utf-8")
    assert "requirements.lock has no hash for segno" in lock.problems(copied)


def test_published_holes_end_with_one_and_an_answer_of_none_does_not():
    clean = {"name": "segno", "version": "1.6.6", "vulns": []}
    unknown = {"name": "ours", "skip_reason": "not found"}
    hole = {"name": "typer", "version": "0.1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["0.2"], "aliases": [], "description": ""}]}
    assert audit.verdict({"dependencies": [clean]}) == (0, ["1 packages asked for, 0 published holes."])
    code, told = audit.verdict({"dependencies": [clean, unknown, hole]})
    assert code == 1 and told[0] == "typer 0.1: PYSEC-1, fixed in 0.2" and "1 packages are unknown to the database." in told
    assert audit.verdict({"dependencies": [unknown]}) == (0, [audit.NOT_ASKED])


def test_without_an_answer_nothing_was_asked(monkeypatch):
    """pip-audit that ends without a report, or not at all, is a sentence and no failure."""

    def hangs(command, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    for run in (lambda *_, **__: None, hangs):
        monkeypatch.setattr(subprocess, "run", run)
        assert audit.asked({"segno": "1.6.6"}) == (0, [audit.NOT_ASKED])


@pytest.mark.parametrize("subject", ["Add a tag's colour", "Bring files in once", "Merge branch 'x'", "Embed the picture\n\nWhy."])
def test_a_good_subject(subject):
    assert commit_subject.problems(subject) == []


@pytest.mark.parametrize(
    "subject",
    [
        "add a colour",
        "The colour of tags",
        "Added a colour",
        "Adding a colour",
        "Add a colour.",
        "Results: attacks",
        "",
        "Add " + "x" * 70,
        "Add x\nwhy",
    ],
)
def test_a_bad_subject(subject):
    assert commit_subject.problems(subject)
