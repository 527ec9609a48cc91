-- Who uses the portal: a row for each client, with how far they are: login allowed, signed in ever, in the last 90 and in the last 30 days.
SELECT a.account_id, 'account' AS kind, a.account_id AS item_id, f.last_login_at,
       CASE WHEN l.account_id IS NOT NULL THEN 'yes' ELSE 'no' END AS allowed,
       CASE WHEN l.account_id IS NOT NULL AND (l.first_login_at IS NOT NULL OR f.last_login_at IS NOT NULL) THEN 'yes' ELSE 'no' END AS ever,
       CASE WHEN l.account_id IS NOT NULL AND f.last_login_at >= $quarter_ago THEN 'yes' ELSE 'no' END AS quarter,
       CASE WHEN l.account_id IS NOT NULL AND f.last_login_at >= $month_ago THEN 'yes' ELSE 'no' END AS month
FROM account a
LEFT JOIN account_figure f ON f.account_id = a.account_id
LEFT JOIN (
    SELECT e.account_id, min(e.first_login_at) AS first_login_at FROM email_access e WHERE e.login AND e.suspended_at IS NULL GROUP BY e.account_id
) AS l ON l.account_id = a.account_id
