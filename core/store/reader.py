"""Read what one viewer may see: rows as dictionaries, from views named as the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.base.errors import NotAllowed, NotFound
from core.base.rights import Right, Scope, Viewer
from core.store.connection import Connection
from core.store.rows import Row, rows_of

if TYPE_CHECKING:
    import pyarrow


def now() -> datetime:
    """Return this moment in UTC, without a zone, as moments are stored."""
    return datetime.now(UTC).replace(tzinfo=None)


class Reader:
    """Read, consistently, what one viewer may see."""

    def __init__(self, connection: Connection, viewer: Viewer, scope: Scope) -> None:
        self._connection, self.viewer, self.scope = connection, viewer, scope

    def rows(self, query: str, /, **parameters: object) -> list[Row]:
        """Return every row of a query as a dictionary by column."""
        return rows_of(self._connection.execute(query, parameters))

    def row(self, query: str, /, **parameters: object) -> Row | None:
        """Return the first row of a query, or None."""
        found = self.rows(query, **parameters)
        return found[0] if found else None

    def only_row(self, query: str, /, **parameters: object) -> Row:
        """Return the row of a query that always has one. Raises NotFound when it has none."""
        found = self.row(query, **parameters)
        if found is None:
            raise NotFound()
        return found

    def value(self, query: str, /, **parameters: object) -> Any:
        """Return the first column of the first row, or None."""
        found = self._connection.execute(query, parameters).fetchall()
        return found[0][0] if found else None

    def table(self, query: str, /, **parameters: object) -> pyarrow.Table:
        """Return the rows of a query as an Arrow table."""
        return self._connection.execute(query, parameters).to_arrow_table()

    def prepared(self, name: str, query: str, /, **integers: int) -> list[tuple[Any, ...]]:
        """Return the rows, as tuples, of a query that is prepared once per connection; its parameters are integers."""
        return self._connection.execute_prepared(name, query, **integers).fetchall()

    def types(self, query: str, /, **parameters: object) -> dict[str, str]:
        """Return the columns of a query and their SQL types; parameters the query does not name are left out."""
        given = {name: value for name, value in parameters.items() if f"${name}" in query}
        return {row[0]: row[1] for row in self._connection.execute(f"DESCRIBE {query}", given).fetchall()}

    def require(self, right: Right) -> None:
        """Raise NotAllowed unless the viewer has the right at this moment."""
        if not self.scope.allows(right):
            raise NotAllowed()

    def sees(self, account_id: int) -> bool:
        """Return whether the account exists and the viewer may see it."""
        return self.value("SELECT 1 FROM account WHERE account_id = $account_id", account_id=account_id) is not None
