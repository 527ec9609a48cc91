SELECT strftime(uploaded_at, '%Y-%m') AS month,
       CASE WHEN is_from_client THEN 'client' ELSE 'firm' END AS sent_by,
       count(*) AS documents,
       count(DISTINCT account_id) AS clients
FROM document
WHERE uploaded_at >= $since
GROUP BY month, sent_by
ORDER BY month, sent_by
