-- How much waits, by kind, whose turn it is, and dormant or not.
SELECT w.kind, w.turn, w.is_dormant, count(*) AS items, min(coalesce(w.since_at, CAST(w.since_on AS TIMESTAMP))) AS oldest
FROM {ledger} AS w
GROUP BY w.kind, w.turn, w.is_dormant
ORDER BY w.kind, w.turn, w.is_dormant
