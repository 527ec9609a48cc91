-- How much waits of the account, by kind, whose turn it is, dormant or not, set aside or not; since when the oldest does; and until which
-- day it stays so if nobody changes anything. {{ledger}} is ledger.sql; what of it is kept together is {{of}}.
SELECT w.kind, w.turn, w.is_dormant, w.aside_id IS NOT NULL AS is_aside, count(*) AS items,
       min(coalesce(w.since_at, CAST(w.since_on AS TIMESTAMP))) AS oldest,
       min(least(
           CASE WHEN NOT w.is_dormant THEN CAST(greatest(coalesce(w.since_at, CAST(w.since_on AS TIMESTAMP)),
               CASE WHEN w.kind = 'task' THEN CAST(w.due_on AS TIMESTAMP) END) AS DATE) + 365 END,
           CASE WHEN w.kind IN ('organizer', 'approval') AND w.turn = 'us' THEN CAST(w.since_at AS DATE) + 60 END,
           CASE WHEN w.kind = 'invoice' AND w.due_on >= $today THEN w.due_on END,
           w.aside_until - 1)) AS stays_until
FROM ({ledger}) AS w
WHERE w.account_id = $account_id AND {of}
GROUP BY w.kind, w.turn, w.is_dormant, w.aside_id IS NOT NULL
ORDER BY kind, turn, is_dormant, is_aside
