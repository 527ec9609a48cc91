"""Run the tests but the browser's on days that are hard to bear, by Debian's faketime: ``python -m tests.days`` (``make test-days``).

``python -m tests.days 2028-02-29T00:05 -- tests/test_widgets.py`` runs one of the days, or any other, and these tests only.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]
LOGS = ROOT / "tests" / ".artifacts" / "days"
BERLIN = ZoneInfo("Europe/Berlin")
# Moments in the firm's zone; the clock runs on from them. Every weekday, month and year ends, a leap day, both changes of the clock.
DAYS = {
    "2026-12-31T23:55": "a year ends while the tests run",
    "2027-01-01T00:05": "the first minutes of a year, a holiday",
    "2027-01-31T23:55": "a month ends on a Sunday",
    "2027-02-28T12:00": "a short month ends",
    "2027-03-28T01:55": "the clock goes forward while the tests run",
    "2027-04-05T09:00": "a Monday morning",
    "2027-06-30T23:55": "half a year ends on a Wednesday",
    "2027-07-02T18:30": "a Friday evening",
    "2027-08-03T00:05": "a Tuesday, just begun",
    "2027-10-31T02:55": "the clock goes back while the tests run",
    "2027-12-30T08:00": "a Thursday between the years",
    "2028-02-29T00:05": "a leap day, just begun",
    "2028-02-29T23:55": "a leap day ends while the tests run",
    "2028-05-06T12:00": "a Saturday",
}
ARGUMENTS = ["-m", "not browser", "-n", "4", "--dist", "loadfile", "-p", "no:cacheprovider", "-r", "fE", "--tb=native"]


def moment(text: str) -> datetime:
    """Read a moment in the firm's zone; where the hour comes twice, the first."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def environment(at: datetime) -> dict[str, str]:
    """Return what sets the clock of a process and of all its children: by how much it differs, so that they all read the same."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        raise SystemExit("faketime is missing: apt-get install faketime")
    return {
        "LD_PRELOAD": str(libraries[0]),
        "FAKETIME": f"{at.timestamp() - time.time():+.0f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # Waits for a condition by the monotonic clock, as for the interpreter's own lock, would be over at once, again and again.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "PYTHONPATH": str(ROOT / "tests" / "set_clock"),
    }


def run(text: str, asked: list[str]) -> bool:
    """Run the tests on one day and print what came out, what failed below it; all of it goes to a log. Returns whether all passed."""
    at, began = moment(text), time.monotonic()
    command = [sys.executable, "-m", "pytest", *ARGUMENTS, *(asked or ["tests"])]
    log = LOGS / f"{text.replace(':', '')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as out:
        done = subprocess.run(command, cwd=ROOT, env=os.environ | environment(at), stdout=out, stderr=subprocess.STDOUT, check=False)
    said = log.read_text("utf-8", "replace")
    counts = re.findall(r"^(?=\d+ \w+.* in [\d.]+s)(.+?) in ", said, re.MULTILINE)
    passed = done.returncode == 0 and "passed" in "".join(counts)
    counted = counts[-1] if counts else f"ended with {done.returncode}"
    print(f"{at:%a} {text}  {counted}, {time.monotonic() - began:.0f} s  ({DAYS.get(text, 'asked for')})", flush=True)
    if not passed:
        failed = re.findall(r"^(?:FAILED|ERROR) tests/.*", said, re.MULTILINE)
        print(*(f"    {line[:200]}" for line in failed), f"    all of it: {log.relative_to(ROOT)}", sep="\n", flush=True)
    return passed


def main(arguments: list[str]) -> int:
    """Run the days named before ``--``, or all, with the tests named after it, or all. Returns 1 if any failed."""
    place = arguments.index("--") if "--" in arguments else len(arguments)
    days, asked = arguments[:place], arguments[place + 1 :]
    failed = [text for text in days or DAYS if not run(text, asked)]
    print(f"{len(failed)} of {len(days or DAYS)} days failed" + "".join(f"\n  {text}" for text in failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
