-- A document by its id, if the viewer may see its account.
SELECT document_id, account_id, name, file, media_type, size_bytes, is_from_client, seen_at
FROM document
WHERE document_id = $document_id
