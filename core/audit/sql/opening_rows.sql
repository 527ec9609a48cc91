-- Who of the firm opened or downloaded documents of visible accounts, the last first; ``total`` counts all that fit.
SELECT o.opened_at, o.way, o.staff_member_id, m.name AS who, o.document_id, d.name AS document, o.account_id, k.name AS account, k.number,
       count(*) OVER () AS total
FROM document_opening o
LEFT JOIN staff_member m ON m.staff_member_id = o.staff_member_id
LEFT JOIN document d ON d.document_id = o.document_id
LEFT JOIN account k ON k.account_id = o.account_id
WHERE ($since::TIMESTAMP IS NULL OR o.opened_at >= $since) AND ($until::TIMESTAMP IS NULL OR o.opened_at < $until)
  AND ($account_id::BIGINT IS NULL OR o.account_id = $account_id)
  AND ($kind::VARCHAR IS NULL OR ($kind = 'staff' AND o.staff_member_id = $person))
ORDER BY o.opened_at DESC, o.document_id, o.staff_member_id, o.way
LIMIT $at_most OFFSET $skipped
