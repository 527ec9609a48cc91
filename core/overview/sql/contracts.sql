-- Contracts sent to the client: open ones first; x of y as for signatures.
SELECT k.contract_id, k.name, k.sent_at,
       CASE WHEN k.needs = 'one' THEN least(coalesce(x.signed, 0), 1) ELSE coalesce(x.signed, 0) END AS signed_count,
       CASE WHEN k.needs = 'one' THEN least(coalesce(x.asked, 0), 1) ELSE coalesce(x.asked, 0) END AS needed_count,
       CASE WHEN k.status IN ('pending', 'partially_signed') AND x.asked = 0 THEN 'nobody' ELSE k.status END AS status,
       k.status IN ('pending', 'partially_signed') AND x.asked IS DISTINCT FROM 0 AS is_open,
       k.status IN ('pending', 'partially_signed') AS is_unfinished
FROM contract k
LEFT JOIN (
    SELECT g.contract_id, count(g.signed_at) AS signed,
           count(*) FILTER (WHERE g.signed_at IS NOT NULL OR a.signatory) AS asked
    FROM signatory g
    LEFT JOIN email_access a ON a.account_id = g.account_id AND a.contact_email_id = g.contact_email_id
    WHERE g.account_id = $account_id AND g.contract_id IS NOT NULL GROUP BY g.contract_id
) AS x ON x.contract_id = k.contract_id
WHERE k.account_id = $account_id
ORDER BY is_unfinished DESC, sent_at DESC, contract_id DESC
