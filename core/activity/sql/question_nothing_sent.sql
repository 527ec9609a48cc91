SELECT a.account_id, a.number, a.name, max(d.uploaded_at) AS last_sent
FROM account a
LEFT JOIN document d ON d.account_id = a.account_id AND d.is_from_client
WHERE a.state = 'active'
GROUP BY a.account_id, a.number, a.name
HAVING coalesce(max(d.uploaded_at), TIMESTAMP '2000-01-01') < $since
ORDER BY last_sent NULLS FIRST
