-- What deleted clients, contacts, addresses, tags and fields were called last, from the entries of their deletion.
SELECT entity, entity_id, arg_max(old_value, audit_entry_id) AS name FROM audit_entry
WHERE action = 'deleted' AND list_contains($ids::BIGINT[], entity_id) AND old_value IS NOT NULL
  AND (entity, field) IN (('account', 'name'), ('contact', 'name'), ('contact_email', 'email'), ('tag', 'name'), ('custom_field', 'label'))
GROUP BY entity, entity_id
