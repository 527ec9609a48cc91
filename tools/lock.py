"""Write and check the lock files: every package with its version and the hashes of all its builds.

``python -m tools.lock`` writes ``requirements.txt`` and both locks from pyproject.toml (`make lock`; needs uv and the package index).
``python -m tools.lock --check`` tells what is out of step, without network (`make check`).

A lock is a requirements file that plain pip installs with ``--require-hashes``, on each Python from 3.11 and each machine there are builds for.
Its third line holds a digest of what it was made from and of what it says, so that a change by hand is noticed, too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
APP_LIST = "requirements.txt"
APP_LIST_HEAD = (
    "# What the app and its sample firm need, as pyproject.toml says (`make lock` writes it); `make setup` installs requirements.lock.\n"
)
# Lock file: extras and groups of pyproject.toml beside the dependencies.
LOCKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "requirements.lock": (("sample",), ()),
    "requirements-dev.lock": (("sample",), ("test", "lint")),
}
LOWEST_PYTHON = "3.11"


def inputs(project: dict[str, Any], lock: str) -> list[str]:
    """Return the requirements a lock is made from, in the order of pyproject.toml."""
    extras, groups = LOCKS[lock]
    required = list(project["project"]["dependencies"])
    for extra in extras:
        required += project["project"]["optional-dependencies"][extra]
    for group in groups:
        required += project["dependency-groups"][group]
    return required


def app_list(project: dict[str, Any]) -> str:
    """Return the text of requirements.txt."""
    return APP_LIST_HEAD + "".join(f"{line}\n" for line in inputs(project, "requirements.lock"))


def packages(text: str) -> dict[str, tuple[str, int]]:
    """Return what a lock's text installs: normalised name to version and number of hashes."""
    found = {}
    for entry in re.sub(r" *\\\n *", " ", text).splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", entry):
            found[normalised(match[1])] = (match[2], entry.count("--hash=sha256:"))
    return found


def normalised(name: str) -> str:
    """Return a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def head(required: list[str], body: str) -> str:
    """Return the lines a lock begins with."""
    digest = hashlib.sha256(json.dumps([required, body]).encode()).hexdigest()
    return (
        "# Every package with the hashes of all its builds: pip install --require-hashes -r this file. Written by `make lock`, never by hand;\n"
        "# `make check` compares it with pyproject.toml.\n"
        f"# sha256 of both: {digest}\n"
    )


def problems(root: Path = ROOT) -> list[str]:
    """Return what is out of step, a sentence each; nothing when all agrees."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    told = []
    if (root / APP_LIST).read_text("utf-8") != app_list(project):
        told.append(f"{APP_LIST} does not say what pyproject.toml says")
    for lock in LOCKS:
        path = root / lock
        text = path.read_text("utf-8") if path.exists() else ""
        required = inputs(project, lock)
        body = "".join(text.splitlines(keepends=True)[3:])
        if text != head(required, body) + body:
            told.append(f"{lock} was not made from this pyproject.toml, or was changed by hand")
        locked = packages(text)
        for requirement in required:
            name, version = re.sub(r"\[.*?\]", "", requirement).split("==")
            if locked.get(normalised(name), ("", 0))[0] != version:
                told.append(f"{lock} does not hold {requirement}")
        told += [f"{lock} has no hash for {name}" for name, (_, hashes) in locked.items() if not hashes]
    return told


def write(upgrade: bool, root: Path = ROOT) -> None:
    """Write requirements.txt and the locks; what is locked already stays at its version unless `upgrade` says otherwise.

    Raises CalledProcessError when uv finds no answer or no index.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    (root / APP_LIST).write_text(app_list(project), "utf-8")
    for lock in LOCKS:
        path = root / lock
        required = inputs(project, lock)
        with tempfile.TemporaryDirectory() as folder:
            asked, made = Path(folder, "asked.in"), Path(folder, "made.lock")
            asked.write_text("\n".join(required), "utf-8")
            if path.exists():
                made.write_text(path.read_text("utf-8"), "utf-8")
            command: list[str | Path] = [Path(sys.executable).with_name("uv"), "pip", "compile", asked, "--output-file", made]
            command += [
                "--python-version",
                LOWEST_PYTHON,
                "--universal",
                "--generate-hashes",
                "--no-header",
                "--no-annotate",
                "--no-config",
                "--quiet",
            ]
            if lock != "requirements.lock":
                command += ["--constraints", root / "requirements.lock"]
            if upgrade:
                command.append("--upgrade")
            environment = {key: value for key, value in os.environ.items() if not key.startswith("UV_")}
            subprocess.run(command, check=True, env=environment)
            body = made.read_text("utf-8")
        path.write_text(head(required, body) + body, "utf-8")


def main() -> None:
    """Write the locks, or with ``--check`` end with 1 when they are out of step."""
    parser = argparse.ArgumentParser(prog="python -m tools.lock", description="Write the lock files from pyproject.toml, or check them.")
    parser.add_argument("--check", action="store_true", help="tell what is out of step, without network")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions of what pyproject.toml does not pin")
    asked = parser.parse_args()
    if not asked.check:
        write(asked.upgrade)
    told = problems()
    for line in told:
        print(line, file=sys.stderr)
    if told:
        raise SystemExit("Out of step: run `make lock`.")
    print("The locks are in step with pyproject.toml.")


if __name__ == "__main__":
    main()
