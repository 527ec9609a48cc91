"""A cursor that remembers its viewer and its prepared statements."""

from __future__ import annotations

import time

import duckdb

from core.base.metrics import observe_statement
from core.store.views import PATHS


class Connection:
    """One cursor, used by one thread at a time; it remembers its prepared statements and its last viewer."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, generation: int, names: str) -> None:
        self.cursor, self.generation, self.names = cursor, generation, names
        if PATHS[names] != "memory.main":
            cursor.execute(f"SET search_path = '{PATHS[names]}'")
        self._prepared: set[str] = set()
        self._variables: dict[str, object] = {}

    def set_variables(self, values: dict[str, object]) -> None:
        """Set the variables that views read; only those that differ from the last use are sent."""
        for name, value in values.items():
            if name not in self._variables or self._variables[name] != value:
                self._variables.pop(name, None)
                literal = "NULL" if value is None else str(value).lower() if isinstance(value, bool | int) else f"'{value}'"
                self.cursor.execute(f"SET VARIABLE {name} = {literal}")
                self._variables[name] = value

    def was(self, viewer_kind: str, viewer_id: int | None) -> bool:
        """Return whether this viewer used the connection last."""
        return self._variables.get("viewer_kind") == viewer_kind and self._variables.get("viewer_id") == viewer_id

    def execute(self, statement: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        """Run a statement, measure it, and return its cursor."""
        began = time.perf_counter()
        try:
            return self.cursor.execute(statement, parameters) if parameters else self.cursor.execute(statement)
        finally:
            observe_statement(statement, time.perf_counter() - began)

    def execute_prepared(self, name: str, text: str, **integers: int) -> duckdb.DuckDBPyConnection:
        """Run ``text``, parsed once per connection (DuckDB still plans it each time); its parameters are integers."""
        if name not in self._prepared:
            self.cursor.execute(f"PREPARE {name} AS {text}")
            self._prepared.add(name)
        arguments = ", ".join(f"{key} := {int(value)}" for key, value in integers.items())
        return self.execute(f"EXECUTE {name}({arguments})")
