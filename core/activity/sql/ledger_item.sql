-- One thing in the ledger, set aside or not.
SELECT w.kind, w.account_id, w.item_id, w.title, w.turn, w.since_at, w.since_on, w.due_on, w.amount, w.aside_id, w.aside_until
FROM {every} AS w
WHERE w.account_id = $account_id AND w.kind = $kind AND w.item_id = $item_id
