"""Say names so shortly that a row has room for them; the whole name stands where one opens it."""

from __future__ import annotations


def short_name(name: str | None) -> str:
    """Return *T. Krämer* for *Tobias Krämer*; a name of one word, or of more than four, as it is."""
    words = (name or "").split()
    if not 2 <= len(words) <= 4:
        return " ".join(words)
    while len(words) > 2 and words[0].endswith("."):
        words.pop(0)
    return f"{words[0][0]}. {' '.join(words[1:])}" if words[0][0].isalpha() else " ".join(words)
