-- One document the client was asked to approve, and who decided.
SELECT a.approval_id, a.document_id, a.document_name, a.asked_at, a.status, a.reason, a.decided_at, c.name AS decided_by
FROM approval a
LEFT JOIN contact c ON c.contact_id = a.decided_by
WHERE a.account_id = $account_id AND a.approval_id = $approval_id
