"""Say a client's name in two letters, for the disc that stands where there is no photo."""

from __future__ import annotations


def initials(name: str) -> str:
    """Return at most two letters that stand for a name: BG for Bäckerei Grünwald GmbH."""
    words = [word for word in name.replace("&", " ").split() if word[:1].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"
