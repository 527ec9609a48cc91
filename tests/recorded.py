"""How tests of the client's record ask: what is wrong with a form, what was written down, in which state an account is."""

from __future__ import annotations

import pytest

from core.base.errors import ValidationFailed
from core.base.rights import Viewer
from core.store import reader

SYSTEM = Viewer.system("tests")


def problems(call, *args, **named) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as failed:
        call(*args, **named)
    return {key: code for key, (code, _) in failed.value.problems.items()}


def entries(entity: str) -> list[tuple]:
    with reader(SYSTEM) as r:
        return [
            (row["action"], row["field"], row["old_value"], row["new_value"])
            for row in r.rows("SELECT * FROM audit_entry WHERE entity = $entity ORDER BY audit_entry_id DESC", entity=entity)
        ]


def state(firm, which="own") -> str:
    return firm.account(which).state
