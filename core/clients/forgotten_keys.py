"""Reduce what imports remember of a deleted account to digests of its keys, so that no file brings it back."""

from __future__ import annotations

import secrets

from core.store import Tx
from core.store.tables import TABLES


def forget_account(tx: Tx, account_id: int) -> None:
    """Replace the import keys of an account and of all that belongs to it alone by salted digests, and delete its last imported values.

    Called before the account's rows are deleted, since they name the keys.
    """
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
            # The key of such a row is composed of the keys of what it refers to, the account's among them.
            place = spec.key.index("account_id") + 1
            named = f"split_part(source_key, chr(31), {place}) IN (SELECT unnest($names))"
            tx.execute(f"DELETE FROM import_key WHERE table_name = '{name}' AND {named}", {"names": names})
    tx.execute("DELETE FROM import_word WHERE account_id = $id", {"id": account_id})
