-- The accounts the viewer opened last.
SELECT a.account_id, a.number, a.name, a.state, a.photo_id
FROM recent_account o JOIN account a ON a.account_id = o.account_id
ORDER BY o.opened_at DESC
LIMIT $limit
