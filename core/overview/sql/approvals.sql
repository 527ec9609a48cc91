-- Documents the client was asked to approve: open ones first, newest first within.
SELECT a.approval_id, a.document_name, a.asked_at, a.status, a.reason, a.document_id, a.status = 'pending' AS is_open
FROM approval a
WHERE a.account_id = $account_id
ORDER BY is_open DESC, asked_at DESC, approval_id DESC
