"""Check a commit's subject: at most 72 characters, a verb first, no full stop; the why stands in the body.

Git hands the file with the message: ``python -m tools.commit_subject .git/COMMIT_EDITMSG`` (the hook of .pre-commit-config.yaml).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

MAX_SUBJECT_CHARS = 72
# What git writes by itself, and what it will fold into another commit.
GITS_OWN = ("Merge ", "Revert ", "fixup! ", "squash! ", "amend! ")
# Words that begin a subject that says what there is and not what the commit does.
NO_VERBS = frozenset(
    [
        "A",
        "An",
        "The",
        "This",
        "That",
        "These",
        "It",
        "I",
        "We",
        "Some",
        "More",
        "New",
        "Now",
        "No",
        "Not",
        "In",
        "On",
        "At",
        "For",
        "From",
        "With",
        "Without",
        "As",
        "Of",
        "To",
        "And",
        "When",
        "While",
        "Who",
        "What",
        "Results",
        "Tests",
    ]
)
# Verbs that look like a participle.
VERBS = frozenset(
    [
        "Bring",
        "Embed",
        "Exceed",
        "Feed",
        "Heed",
        "Need",
        "Proceed",
        "Seed",
        "Shed",
        "Speed",
        "Spring",
        "String",
        "Succeed",
        "Swing",
        "Wring",
    ]
)


def problems(message: str) -> list[str]:
    """Return what is wrong with a message's subject, a sentence each."""
    lines = [line for line in message.splitlines() if not line.startswith("#")]
    subject = lines[0] if lines else ""
    if subject.startswith(GITS_OWN):
        return []
    told = []
    if len(subject) > MAX_SUBJECT_CHARS:
        told.append(f"The subject has {len(subject)} characters; {MAX_SUBJECT_CHARS} are enough.")
    first = subject.split(" ")[0]
    participle = first.endswith(("ed", "ing")) and first not in VERBS
    if not re.match(r"[A-Z][a-z]+ \S", subject) or first in NO_VERBS or participle:
        told.append("The subject begins with a capital verb that says what the commit does: Add, Fix, Move, Rename …")
    if subject.endswith("."):
        told.append("The subject ends without a full stop.")
    if len(lines) > 1 and lines[1].strip():
        told.append("An empty line stands between subject and body.")
    return told


def main() -> None:
    """Tell what is wrong with the message in the file that is named; end with 1 when something is."""
    told = problems(Path(sys.argv[1]).read_text("utf-8"))
    for line in told:
        print(line, file=sys.stderr)
    raise SystemExit(1 if told else 0)


if __name__ == "__main__":
    main()
