"""Write DECISIONS.md, the index of docs/decisions: a line for each decision, by topic. ``--check`` tells whether it is in step.

A decision is one ``## title`` with ``date · *Status: in force*`` or ``*Status: replaced by [title](link)*`` below it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

from tools.lock import ROOT

HEAD = """# Decisions

Why things are as they are: what was measured, what was tried, what it costs. One file a topic; a decision that was replaced says by which.
`python -m tools.decisions` writes this index.
"""


class Decision(NamedTuple):
    """A decision's title, its day and its status, as they stand in its file."""

    title: str
    day: str
    status: str


def slug(title: str) -> str:
    """Return the anchor of a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def decisions(text: str) -> list[Decision]:
    """Return the decisions of one file. Raises ValueError when a heading has no day and status below it."""
    found = [Decision(*match) for match in re.findall(r"^## (.+)\n(\d{4}-\d\d-\d\d) · \*Status: (.+)\*$", text, re.MULTILINE)]
    if len(found) != len(re.findall(r"^## ", text, re.MULTILINE)):
        raise ValueError("a decision has no day and status below its title")
    return found


def index(root: Path = ROOT) -> str:
    """Return the text of DECISIONS.md."""
    lines = [HEAD]
    for file in sorted((root / "docs" / "decisions").glob("*.md")):
        text = file.read_text("utf-8")
        lines.append(f"\n## [{text.splitlines()[0].removeprefix('# ')}](docs/decisions/{file.name})\n\n")
        for title, day, status in decisions(text):
            mark = " *(replaced)*" if status.startswith("replaced") else ""
            lines.append(f"- {day} · [{title}](docs/decisions/{file.name}#{slug(title)}){mark}\n")
    return "".join(lines)


def main() -> None:
    """Write the index, or with ``--check`` end with 1 when it is out of step."""
    file = ROOT / "DECISIONS.md"
    if "--check" not in sys.argv[1:]:
        file.write_text(index(), "utf-8")
    elif file.read_text("utf-8") != index():
        raise SystemExit("DECISIONS.md is not the index of docs/decisions: python -m tools.decisions")


if __name__ == "__main__":
    main()
