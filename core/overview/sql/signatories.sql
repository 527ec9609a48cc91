-- Who was asked to sign a document or a contract, who has not signed first; may_sign: has the right to sign still.
SELECT c.name, e.email, e.holder_name, g.signed_at, coalesce(a.signatory, FALSE) AS may_sign
FROM signatory g
LEFT JOIN contact c ON c.contact_id = g.contact_id
LEFT JOIN contact_email e ON e.contact_email_id = g.contact_email_id
LEFT JOIN email_access a ON a.account_id = g.account_id AND a.contact_email_id = g.contact_email_id
WHERE g.account_id = $account_id AND (g.signature_id = $signature_id OR g.contract_id = $contract_id)
ORDER BY g.signed_at IS NOT NULL, g.signed_at, c.name, e.email
