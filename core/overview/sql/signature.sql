-- One document sent for signature.
SELECT signature_id, document_id, document_name AS name, sent_at, needs, status
FROM signature
WHERE account_id = $account_id AND signature_id = $signature_id
