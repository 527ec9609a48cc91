-- What happens: a row for each act of a client or of the firm from $since to $until (moments) or $first to $last (days), by the week of
-- the firm's zone. Payments are no part of it, and what failed is nobody's act.
WITH act AS (
    SELECT e.account_id, 'email' AS kind, e.email_id AS item_id, e.subject AS title, e.sent_at AS at,
           CASE WHEN e.direction = 'received' THEN 'client' ELSE 'us' END AS side, CAST(NULL AS DATE) AS day
    FROM email e WHERE NOT e.has_failed AND e.sent_at >= $since AND e.sent_at < $until
    UNION ALL
    SELECT d.account_id, 'document', d.document_id, d.name, d.uploaded_at, CASE WHEN d.is_from_client THEN 'client' ELSE 'us' END,
           CAST(NULL AS DATE)
    FROM document d WHERE d.uploaded_at >= $since AND d.uploaded_at < $until
    UNION ALL
    SELECT g.account_id, 'chat', g.chat_id, c.subject, g.sent_at, CASE WHEN g.is_from_client THEN 'client' ELSE 'us' END, CAST(NULL AS DATE)
    FROM chat_message g LEFT JOIN chat c ON c.chat_id = g.chat_id
    WHERE g.sent_at >= $since AND g.sent_at < $until
    UNION ALL
    SELECT l.account_id, 'login', l.login_id, l.email, l.tried_at, 'client', CAST(NULL AS DATE)
    FROM login l WHERE l.outcome = 'success' AND l.tried_at >= $since AND l.tried_at < $until
    UNION ALL
    SELECT a.account_id, 'approval', a.approval_id, a.document_name, a.decided_at, 'client', CAST(NULL AS DATE)
    FROM approval a WHERE a.decided_at >= $since AND a.decided_at < $until
    UNION ALL
    SELECT a.account_id, 'approval', a.approval_id, a.document_name, a.asked_at, 'us', CAST(NULL AS DATE)
    FROM approval a WHERE a.asked_at >= $since AND a.asked_at < $until
    UNION ALL
    SELECT g.account_id, 'signature', g.signature_id, s.document_name, g.signed_at, 'client', CAST(NULL AS DATE)
    FROM signatory g JOIN signature s ON s.signature_id = g.signature_id
    WHERE g.signed_at >= $since AND g.signed_at < $until
    UNION ALL
    SELECT g.account_id, 'contract', g.contract_id, k.name, g.signed_at, 'client', CAST(NULL AS DATE)
    FROM signatory g JOIN contract k ON k.contract_id = g.contract_id
    WHERE g.signed_at >= $since AND g.signed_at < $until
    UNION ALL
    SELECT s.account_id, 'signature', s.signature_id, s.document_name, s.sent_at, 'us', CAST(NULL AS DATE)
    FROM signature s WHERE s.sent_at >= $since AND s.sent_at < $until
    UNION ALL
    SELECT k.account_id, 'contract', k.contract_id, k.name, k.sent_at, 'us', CAST(NULL AS DATE)
    FROM contract k WHERE k.sent_at >= $since AND k.sent_at < $until
    UNION ALL
    SELECT o.account_id, 'organizer', o.organizer_id, o.name, o.updated_at, 'client', CAST(NULL AS DATE)
    FROM organizer o WHERE o.answered_count > 0 AND o.updated_at >= $since AND o.updated_at < $until
    UNION ALL
    SELECT o.account_id, 'organizer', o.organizer_id, o.name, o.sent_at, 'us', CAST(NULL AS DATE)
    FROM organizer o WHERE o.sent_at >= $since AND o.sent_at < $until
    UNION ALL
    -- Texts of notes are left out of people's own queries, where this one runs as it is.
    SELECT n.account_id, 'note', n.note_id, '', n.saved_at, 'us', CAST(NULL AS DATE)
    FROM note n WHERE n.saved_at >= $since AND n.saved_at < $until
    UNION ALL
    SELECT t.account_id, 'task', t.task_id, t.title, t.created_at, 'us', CAST(NULL AS DATE)
    FROM task t WHERE t.created_at >= $since AND t.created_at < $until
    UNION ALL
    SELECT t.account_id, 'task', t.task_id, t.title, t.completed_at, 'us', CAST(NULL AS DATE)
    FROM task t WHERE t.completed_at >= $since AND t.completed_at < $until
    UNION ALL
    SELECT i.account_id, 'invoice', i.invoice_id, i.number, CAST(i.issued_on AS TIMESTAMP), 'us', i.issued_on
    FROM invoice i WHERE i.issued_on >= $first AND i.issued_on <= $last
    UNION ALL
    SELECT x.account_id, 'time_entry', x.time_entry_id, coalesce(x.text, ''), CAST(x.worked_on AS TIMESTAMP), 'us', x.worked_on
    FROM time_entry x WHERE x.worked_on >= $first AND x.worked_on <= $last
)
SELECT a.account_id, a.kind, a.item_id, a.title, CASE WHEN a.day IS NULL THEN a.at END AS since_at, a.day AS since_on, a.at AS since,
       a.side, CAST(CAST(date_trunc('week', coalesce(a.day, CAST({local(a.at)} AS DATE))) AS DATE) AS VARCHAR) AS week
FROM act a
