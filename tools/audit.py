"""Ask for published holes in the locked packages, and say so in one sentence where nobody answers.

``python -m tools.audit`` runs pip-audit over the lock (`make check`). It fails for a hole that is known; where the database cannot be reached, does not
answer in time, or knows none of the packages, it says that nothing was asked and ends well: a machine without network can be checked, too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.lock import ROOT, packages

LOCK = "requirements-dev.lock"
ANSWER_TIMEOUT_S = 5
WHOLE_TIMEOUT_S = 120
ONE = "streamlit"
NOT_ASKED = "Published holes were not looked for: the database of pip-audit cannot be reached from here."


def ask(requirements: Path, report: Path) -> bool:
    """Have pip-audit write what is known of `requirements` to `report`; return whether it could."""
    command: list[str | Path] = [sys.executable, "-m", "pip_audit", "--requirement", requirements, "--no-deps", "--disable-pip"]
    command += ["--progress-spinner", "off", "--timeout", str(ANSWER_TIMEOUT_S), "--format", "json", "--output", report]
    try:
        subprocess.run(command, check=False, capture_output=True, timeout=WHOLE_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return False
    return report.exists() and report.stat().st_size > 0


def verdict(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Return the exit code and the sentences for pip-audit's report."""
    entries = report["dependencies"]
    answered = [entry for entry in entries if "skip_reason" not in entry]
    holes = [(entry, hole) for entry in answered for hole in entry["vulns"]]
    if not answered:
        return 0, [NOT_ASKED]
    told = []
    for entry, hole in holes:
        fixed = ", ".join(hole["fix_versions"]) or "no version yet"
        told.append(f"{entry['name']} {entry['version']}: {hole['id']}, fixed in {fixed}")
    if unknown := len(entries) - len(answered):
        told.append(f"{unknown} packages are unknown to the database.")
    told.append(f"{len(answered)} packages asked for, {len(holes)} published holes.")
    return (1 if holes else 0), told


def asked(versions: dict[str, str]) -> tuple[int, list[str]]:
    """Ask for these packages (name to version); return the exit code and the sentences."""
    with tempfile.TemporaryDirectory() as folder:
        listed, report = Path(folder, "listed.txt"), Path(folder, "report.json")
        listed.write_text("".join(f"{name}=={version}\n" for name, version in sorted(versions.items())), "utf-8")
        if not ask(listed, report):
            return 0, [NOT_ASKED]
        return verdict(json.loads(report.read_text("utf-8")))


def main() -> None:
    """Tell the published holes; end with 1 when there is one."""
    found = {name: version for name, (version, _) in packages((ROOT / LOCK).read_text("utf-8")).items()}
    # One package first: where nobody answers, that is known within seconds and not after as many questions as there are packages.
    code, told = asked({ONE: found[ONE]})
    if told != [NOT_ASKED]:
        code, told = asked(found)
    print("\n".join(told))
    raise SystemExit(code)


if __name__ == "__main__":
    main()
