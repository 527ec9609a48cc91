"""Put mails that answer each other into one conversation, by their ids alone, in whatever order they come."""

from __future__ import annotations

from collections.abc import Sequence

from core.store import Tx


def thread_of(tx: Tx, message_id: str, references: Sequence[str]) -> str:
    """Return the conversation of a mail, and note for every id it names that it belongs there; a mail that joins two makes them one."""
    ids = list(dict.fromkeys([*references, message_id]))
    rows = tx.rows("SELECT message_id, thread FROM mail_thread WHERE message_id IN (SELECT unnest($ids::VARCHAR[]))", ids=ids)
    threads = sorted({row["thread"] for row in rows})
    # Named by the oldest id: of several the one that holds most keeps its name, so that few rows move.
    thread = ids[0] if not threads else threads[0]
    if len(threads) > 1:
        counted = tx.rows(
            "SELECT thread, count(*) AS n FROM mail_thread WHERE thread IN (SELECT unnest($names::VARCHAR[])) GROUP BY 1 ORDER BY n DESC, thread",
            names=threads,
        )
        thread = counted[0]["thread"]
        given = {"thread": thread, "others": [name for name in threads if name != thread]}
        for table in ("mail_thread", "email"):
            tx.execute(f"UPDATE {table} SET thread = $thread WHERE thread IN (SELECT unnest($others::VARCHAR[]))", given)
    known = {row["message_id"] for row in rows}
    tx.insert_many("mail_thread", ("message_id", "thread"), [(each, thread) for each in ids if each not in known])
    return thread
