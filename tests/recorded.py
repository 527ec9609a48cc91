"""Questions that tests of a client's data ask: the problems of a form, the entries of the record, the state of an account."""

from __future__ import annotations

import pytest

from core.base.errors import ValidationFailed
from core.base.rights import Viewer
from core.store import reader

SYSTEM = Viewer.system("tests")


def problems(call, *args, **named) -> dict[str, str]:
    """Return the code of each field's problem, for a call that must fail with them."""
    with pytest.raises(ValidationFailed) as failed:
        call(*args, **named)
    return {key: code for key, (code, _) in failed.value.problems.items()}


def entries(entity: str) -> list[tuple]:
    """Return (action, field, old value, new value) of every entry about rows of this kind, newest first."""
    with reader(SYSTEM) as r:
        return [
            (row["action"], row["field"], row["old_value"], row["new_value"])
            for row in r.rows("SELECT * FROM audit_entry WHERE entity = $entity ORDER BY audit_entry_id DESC", entity=entity)
        ]


def state(firm, which="own") -> str:
    """Return the state of one of the small firm's accounts as its owner sees it."""
    return firm.account(which).state
