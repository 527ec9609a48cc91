-- What waits on whom: a row for each thing of the ledger; $week_ago is the moment seven days ago.
SELECT w.account_id, w.kind, w.item_id, w.title, w.since_at, w.since_on, w.due_on, w.amount,
       coalesce(w.since_at, CAST(w.since_on AS TIMESTAMP)) AS since,
       CASE WHEN w.is_dormant THEN 'dormant' ELSE w.turn END AS turn,
       CASE WHEN coalesce(w.since_at, CAST(w.since_on AS TIMESTAMP)) < $week_ago THEN 'old' ELSE 'new' END AS age
FROM {ledger} AS w
