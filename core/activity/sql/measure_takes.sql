-- How long clients take: a row for each signatory, approval and organizer asked for between $since and $until, with the days until it was
-- signed, decided or submitted. What was voided or declined is left out; *young* is what is not a week old yet ($week_ago), since the
-- quick ones among it would flatter the share.
WITH asked AS (
    SELECT g.account_id, 'signature' AS kind, g.signature_id AS item_id, s.document_name AS title, s.sent_at AS asked_at, g.signed_at AS done_at
    FROM signatory g JOIN signature s ON s.signature_id = g.signature_id
    WHERE s.status IN ('pending', 'partially_signed', 'signed')
    UNION ALL
    SELECT g.account_id, 'contract', g.contract_id, k.name, k.sent_at, g.signed_at
    FROM signatory g JOIN contract k ON k.contract_id = g.contract_id
    WHERE k.status IN ('pending', 'partially_signed', 'signed')
    UNION ALL
    SELECT a.account_id, 'approval', a.approval_id, a.document_name, a.asked_at, a.decided_at
    FROM approval a
    UNION ALL
    SELECT o.account_id, 'organizer', o.organizer_id, o.name, o.sent_at, CASE WHEN o.status <> 'pending' THEN o.updated_at END
    FROM organizer o
)
SELECT a.account_id, a.kind, a.item_id, a.title, a.asked_at AS since_at, CAST(NULL AS DATE) AS since_on, a.asked_at AS since, a.done_at,
       round(CAST(extract(epoch FROM (a.done_at - a.asked_at)) / 86400 AS DECIMAL(12, 3)), 1) AS took_days,
       CASE WHEN a.done_at IS NULL THEN 'open' ELSE 'done' END AS outcome,
       CASE WHEN a.asked_at >= $week_ago THEN 'young' WHEN extract(epoch FROM (a.done_at - a.asked_at)) <= 604800 THEN 'week' ELSE 'longer' END AS speed
FROM asked a
WHERE a.asked_at >= $since AND a.asked_at < $until
