-- Documents sent for signature. y is fixed at sending; who lost the right to sign before signing no longer counts; one
-- signature is enough where one of the signatories suffices, and more of them count as one. Where all lost it unsigned,
-- nobody can sign: not still to sign, but among the open ones for whoever gives the right again.
SELECT s.signature_id, s.document_name, s.sent_at,
       CASE WHEN s.needs = 'one' THEN least(coalesce(x.signed, 0), 1) ELSE coalesce(x.signed, 0) END AS signed_count,
       CASE WHEN s.needs = 'one' THEN least(coalesce(x.asked, 0), 1) ELSE coalesce(x.asked, 0) END AS needed_count,
       CASE WHEN s.status IN ('pending', 'partially_signed') AND x.asked = 0 THEN 'nobody' ELSE s.status END AS status,
       s.document_id, s.status IN ('pending', 'partially_signed') AND x.asked IS DISTINCT FROM 0 AS is_open,
       s.status IN ('pending', 'partially_signed') AS is_unfinished
FROM signature s
LEFT JOIN (
    SELECT g.signature_id, count(g.signed_at) AS signed,
           count(*) FILTER (WHERE g.signed_at IS NOT NULL OR a.signatory) AS asked
    FROM signatory g
    LEFT JOIN email_access a ON a.account_id = g.account_id AND a.contact_email_id = g.contact_email_id
    WHERE g.account_id = $account_id AND g.signature_id IS NOT NULL GROUP BY g.signature_id
) AS x ON x.signature_id = s.signature_id
WHERE s.account_id = $account_id
ORDER BY is_unfinished DESC, sent_at DESC, signature_id DESC
