"""Find the whole mapping that would bring a file as it is: that of a template, or of a list of clients by what is recognised in it."""

from __future__ import annotations

from core.imports.facts import FileFacts
from core.imports.recognise import mapping_text, recognise
from core.imports.templates import template_for

# Without one of them no client could be named.
NAMES = frozenset({"account.name", "contact.name", "contact.last_name", "contact.company"})


def whole_mapping(facts: FileFacts, name: str, file_name: str) -> dict[str, str | None]:
    """Return the key of a file's ``template``, None for no program's that is known, and the ``whole`` mapping, empty where there is none."""
    if (template := template_for(facts)) is not None:
        return {"template": template.key, "whole": template.mapping_text(name, facts, file_name)}
    if not facts.is_readable:
        return {"template": None, "whole": ""}
    choices = {guess.column: guess.field for guess in recognise(facts.columns, facts.sample) if guess.field}
    if len(choices) < 2 or not NAMES & set(choices.values()):
        return {"template": None, "whole": ""}
    return {"template": None, "whole": mapping_text(name, facts, file_name, choices)}
