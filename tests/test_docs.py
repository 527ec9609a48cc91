"""What the documents link to is there, and the indexes say what their folders hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import decisions

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *(file for file in ROOT.glob("*.md")),
    *(
        file
        for folder in ("docs", "tests", "deploy", ".github")
        for file in ROOT.glob(f"{folder}/**/*.md")
        if "node_modules" not in file.parts
    ),
]


def bare(text: str) -> str:
    """The text without code blocks."""
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda f: str(f.relative_to(ROOT)))
def test_links_lead_somewhere(file):
    for target in re.findall(r"\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"|srcset=\"([^\"]+)\"", bare(file.read_text("utf-8"))):
        path, _, anchor = next(filter(None, target)).partition("#")
        if path.startswith(("http:", "https:", "mailto:")):
            continue
        meant = (file.parent / path).resolve() if path else file
        assert meant.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.+)$", bare(meant.read_text("utf-8")), re.MULTILINE)
            assert anchor in {decisions.slug(re.sub(r"\[(.+?)\]\(.*?\)", r"\1", heading)) for heading in headings}, anchor


def test_the_index_of_decisions_is_in_step():
    assert (ROOT / "DECISIONS.md").read_text("utf-8") == decisions.index()


def test_a_decision_says_its_day_and_whether_it_is_in_force():
    ordered = []
    for file in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        found = decisions.decisions(file.read_text("utf-8"))
        ordered.append([status.startswith("replaced by [") for _, _, status in found])
        assert all(re.match(r"in force|replaced by \[", status) for _, _, status in found), file
    assert sum(map(len, ordered)) >= 145 and all(replaced == sorted(replaced) for replaced in ordered), "replaced ones stand at the end"
    with pytest.raises(ValueError, match="no day"):
        decisions.decisions("## A title\n\nText\n")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/where-to.md"])
def test_files_that_are_named_are_there(name):
    """A file that moved is looked for in vain by whoever reads how the house is built."""
    named = re.findall(r"`([a-z_0-9*]+(?:/[\w*.-]+)+)`", (ROOT / name).read_text("utf-8"))
    assert named
    assert not [path for path in named if not (any(ROOT.glob(path)) or any(ROOT.glob(f"core/{path}")))]
