-- Whose turn it is: one row for each thing that waits for somebody, of every client that is not archived.
--   kind, item_id, title, account_id
--   turn: us, client, third (a bank, an office)
--   since_at, a moment; or since_on, a day, of an invoice
--   due_on, amount: where the kind has one
--   owner_id: who of the firm has it alone, NULL where assignees or the client's team have it
--   is_dormant: it waits for more than a year, a task also since it was due; it is counted apart
--   aside_id, aside_until: somebody set it aside, and it stands as it did then; the day on which it comes back
-- $today is the firm's day, $recent the moment sixty days ago, $long_ago a year ago. What is under way at a bank is the rule of net_due.py.
WITH waiting AS (
    SELECT 'task' AS kind, t.account_id, t.task_id AS item_id, t.title AS title,
           CASE WHEN t.status = 'waiting' THEN 'third' ELSE 'us' END AS turn,
           t.created_at AS since_at, CAST(NULL AS DATE) AS since_on, t.due_on AS due_on, CAST(NULL AS DECIMAL(14,2)) AS amount,
           CAST(NULL AS BIGINT) AS owner_id
    FROM task t
    WHERE t.status IN ('planned', 'in_progress', 'waiting')
    UNION ALL
    SELECT 'document', d.account_id, d.document_id, d.name, 'us', d.uploaded_at, CAST(NULL AS DATE), CAST(NULL AS DATE),
           CAST(NULL AS DECIMAL(14,2)), CAST(NULL AS BIGINT)
    FROM document d
    WHERE d.is_from_client AND d.seen_at IS NULL
    UNION ALL
    SELECT 'email', e.account_id, e.email_id, e.subject, 'us', e.sent_at, CAST(NULL AS DATE), CAST(NULL AS DATE),
           CAST(NULL AS DECIMAL(14,2)), CAST(NULL AS BIGINT)
    FROM email e
    WHERE e.direction = 'received' AND NOT e.is_read AND NOT e.has_failed
    UNION ALL
    -- Whoever of the firm wrote last in a chat has it, unless that person left.
    SELECT 'chat', c.account_id, c.chat_id, c.subject, CASE WHEN c.last_is_from_client THEN 'us' ELSE 'client' END,
           c.last_message_at, CAST(NULL AS DATE), CAST(NULL AS DATE), CAST(NULL AS DECIMAL(14,2)), w.staff_member_id
    FROM chat c
    LEFT JOIN (
        SELECT g.chat_id, m.staff_member_id,
               row_number() OVER (PARTITION BY g.chat_id ORDER BY g.sent_at DESC, g.chat_message_id DESC) AS place
        FROM chat_message g
        JOIN staff_member m ON m.staff_member_id = g.staff_member_id AND m.is_active
        WHERE NOT g.is_from_client AND g.chat_id IN (SELECT o.chat_id FROM chat o WHERE NOT o.is_closed)
    ) AS w ON w.chat_id = c.chat_id AND w.place = 1
    WHERE NOT c.is_closed
    UNION ALL
    -- A submitted one is sealed elsewhere: what was not touched for sixty days is nobody's turn any more.
    SELECT 'organizer', o.account_id, o.organizer_id, o.name, CASE WHEN o.status = 'pending' THEN 'client' ELSE 'us' END,
           CASE WHEN o.status = 'pending' THEN o.sent_at ELSE o.updated_at END, CAST(NULL AS DATE), CAST(NULL AS DATE),
           CAST(NULL AS DECIMAL(14,2)), CAST(NULL AS BIGINT)
    FROM organizer o
    WHERE o.archived_at IS NULL AND (o.status = 'pending' OR (o.status = 'submitted' AND o.updated_at >= $recent))
    UNION ALL
    -- One that was refused is ours, until the same document is put before the client again.
    SELECT 'approval', a.account_id, a.approval_id, a.document_name, CASE WHEN a.status = 'pending' THEN 'client' ELSE 'us' END,
           CASE WHEN a.status = 'pending' THEN a.asked_at ELSE a.decided_at END, CAST(NULL AS DATE), CAST(NULL AS DATE),
           CAST(NULL AS DECIMAL(14,2)), CAST(NULL AS BIGINT)
    FROM approval a
    WHERE a.status = 'pending' OR (a.status = 'disapproved' AND a.decided_at >= $recent AND NOT EXISTS (
        SELECT 1 FROM approval n
        WHERE n.document_id = a.document_id AND n.asked_at > a.decided_at))
    UNION ALL
    -- Ours once nobody is left who may sign and has not; the client's while somebody is, or nobody was named.
    SELECT 'signature', s.account_id, s.signature_id, s.document_name,
           CASE WHEN x.named > 0 AND x.missing = 0 THEN 'us' ELSE 'client' END,
           CASE WHEN x.named > 0 AND x.missing = 0 THEN s.sent_at ELSE coalesce(x.last_signed_at, s.sent_at) END,
           CAST(NULL AS DATE), CAST(NULL AS DATE), CAST(NULL AS DECIMAL(14,2)), CAST(NULL AS BIGINT)
    FROM signature s
    LEFT JOIN (
        SELECT g.account_id, g.signature_id, count(*) AS named, max(g.signed_at) AS last_signed_at,
               sum(CASE WHEN g.signed_at IS NULL AND e.signatory THEN 1 ELSE 0 END) AS missing
        FROM signatory g
        LEFT JOIN email_access e ON e.account_id = g.account_id AND e.contact_email_id = g.contact_email_id
        WHERE g.signature_id IS NOT NULL GROUP BY g.account_id, g.signature_id
    ) AS x ON x.account_id = s.account_id AND x.signature_id = s.signature_id
    WHERE s.status IN ('pending', 'partially_signed')
    UNION ALL
    SELECT 'contract', k.account_id, k.contract_id, k.name,
           CASE WHEN x.named > 0 AND x.missing = 0 THEN 'us' ELSE 'client' END,
           CASE WHEN x.named > 0 AND x.missing = 0 THEN k.sent_at ELSE coalesce(x.last_signed_at, k.sent_at) END,
           CAST(NULL AS DATE), CAST(NULL AS DATE), CAST(NULL AS DECIMAL(14,2)), CAST(NULL AS BIGINT)
    FROM contract k
    LEFT JOIN (
        SELECT g.account_id, g.contract_id, count(*) AS named, max(g.signed_at) AS last_signed_at,
               sum(CASE WHEN g.signed_at IS NULL AND e.signatory THEN 1 ELSE 0 END) AS missing
        FROM signatory g
        LEFT JOIN email_access e ON e.account_id = g.account_id AND e.contact_email_id = g.contact_email_id
        WHERE g.contract_id IS NOT NULL GROUP BY g.account_id, g.contract_id
    ) AS x ON x.account_id = k.account_id AND x.contract_id = k.contract_id
    WHERE k.status IN ('pending', 'partially_signed')
    UNION ALL
    -- Under way at a bank; ours where the client's credit covers everything and is only to be booked; else to be paid.
    SELECT 'invoice', i.account_id, i.invoice_id, i.number,
           CASE WHEN {is_held} THEN 'third' WHEN f.net_due <= 0 THEN 'us' ELSE 'client' END,
           CAST(NULL AS TIMESTAMP),
           CASE WHEN NOT ({is_held}) AND (f.net_due IS NULL OR f.net_due > 0) AND i.due_on < $today THEN i.due_on ELSE i.issued_on END,
           i.due_on, i.total - i.paid_amount, CAST(NULL AS BIGINT)
    FROM invoice i
    LEFT JOIN account_figure f ON f.account_id = i.account_id
    WHERE i.total > i.paid_amount
)
SELECT w.kind, w.account_id, w.item_id, w.title, w.turn, w.since_at, w.since_on, w.due_on, w.amount, w.owner_id,
       greatest(coalesce(w.since_at, CAST(w.since_on AS TIMESTAMP)), CASE WHEN w.kind = 'task' THEN CAST(w.due_on AS TIMESTAMP) END)
           < $long_ago AS is_dormant,
       s.turn_set_aside_id AS aside_id, s.until_on AS aside_until
FROM waiting w
LEFT JOIN turn_set_aside s ON s.kind = w.kind AND s.object_id = w.item_id
      AND (s.until_on IS NULL OR s.until_on > $today) AND s.turn = w.turn AND s.since_at IS NOT DISTINCT FROM w.since_at
      AND s.due_on IS NOT DISTINCT FROM w.due_on AND s.amount IS NOT DISTINCT FROM w.amount
WHERE w.account_id NOT IN (SELECT z.account_id FROM account z WHERE z.archived_at IS NOT NULL)
