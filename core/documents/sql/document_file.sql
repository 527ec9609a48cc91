-- A document by its id, if the viewer may see its account.
SELECT d.document_id, d.account_id, d.name, d.file, d.media_type, d.size_bytes, d.is_from_client, d.is_shared, d.seen_at, s.name AS seen_by,
       d.uploaded_at, d.staff_member_id, m.name AS member, d.version
FROM document d
LEFT JOIN staff_member m ON m.staff_member_id = d.staff_member_id
LEFT JOIN staff_member s ON s.staff_member_id = d.seen_by
WHERE d.document_id = $document_id
