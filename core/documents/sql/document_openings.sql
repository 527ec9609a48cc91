-- Who of the firm opened or downloaded a document, each time.
SELECT m.name AS who, o.way, o.opened_at
FROM document_opening o
LEFT JOIN staff_member m ON m.staff_member_id = o.staff_member_id
WHERE o.account_id = $account_id AND o.document_id = $document_id
