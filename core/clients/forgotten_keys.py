"""What imports remember of a client that is deleted for good: keys only as digests, so that no file brings it back, and no words."""

from __future__ import annotations

import secrets

from core.store import Tx
from core.store.tables import TABLES


def forget_account(tx: Tx, account_id: int) -> None:
    """Replace the keys of an account and of everything that is only its by digests; to be called before its rows are deleted."""
    key = tx.row("SELECT number FROM account WHERE account_id = $id", id=account_id)
    names = [row["source_key"] for row in tx.rows(
        "SELECT source_key FROM import_key WHERE table_name = 'account' AND object_id = $id", id=account_id
    )]  # fmt: skip
    names += [key["number"]] if key else []
    salt = tx.value("SELECT split_part(source_key, ':', 1) FROM import_key WHERE ended = 'erased' LIMIT 1") or secrets.token_hex(16)
    for name, spec in TABLES.items():
        own = name == "account" or spec.references.get("account_id") == "account"
        if own and spec.has_id and spec.audited:
            ids = f"SELECT {spec.key[0]} FROM {name} WHERE account_id = $id"
            tx.execute(
                f"""UPDATE import_key SET source_key = $salt || ':' || sha256($salt || source_key), object_id = 0, ended = 'erased'
                WHERE table_name = '{name}' AND ended IS NULL AND object_id IN ({ids})""",
                {"id": account_id, "salt": salt},
            )
            tx.execute(f"DELETE FROM import_word WHERE table_name = '{name}' AND entity_id IN ({ids})", {"id": account_id})
        elif own and "account_id" in spec.key:
            # Named by what the row refers to, the client's own key among it.
            place = spec.key.index("account_id") + 1
            tx.execute(
                f"DELETE FROM import_key WHERE table_name = '{name}' AND split_part(source_key, chr(31), {place}) IN (SELECT unnest($names))",
                {"names": names},
            )
    tx.execute("DELETE FROM import_word WHERE account_id = $id", {"id": account_id})
