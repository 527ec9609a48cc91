-- What the client uploaded, newest first, and (full list only) what the firm put there, shared with the client or not.
-- NEU is an upload that nobody of the firm has opened.
SELECT d.document_id, d.name, d.uploaded_at, coalesce(c.name, m.name) AS uploaded_by, d.status,
       CASE WHEN d.is_from_client THEN 'client' WHEN d.is_shared THEN 'shared' ELSE 'internal' END AS origin,
       d.is_from_client AND d.seen_at IS NULL AS is_new, d.is_from_client, d.is_shared, d.media_type, d.size_bytes
FROM document d
LEFT JOIN contact c ON c.contact_id = d.contact_id AND d.is_from_client
LEFT JOIN staff_member m ON m.staff_member_id = d.staff_member_id AND NOT d.is_from_client
WHERE d.account_id = $account_id
ORDER BY uploaded_at DESC, document_id DESC
