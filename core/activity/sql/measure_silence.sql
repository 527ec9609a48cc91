-- Clients gone silent against their own habit: a row for each, with the days since anything came of them, and how long is usual and was the
-- longest. Who has no habit is in no row. The rules in braces are those of Kunden's columns.
SELECT s.account_id, 'account' AS kind, s.account_id AS item_id, s.last_client_at, s.days_silent, s.usual_days, s.longest_days, s.silence
FROM (
    SELECT a.account_id, f.last_client_at, {silent_days} AS days_silent, h.usual_days, h.longest_days, {silence} AS silence
    FROM account a
    JOIN account_figure f ON f.account_id = a.account_id
    JOIN account_habit h ON h.account_id = a.account_id
) AS s
WHERE s.silence IS NOT NULL
