-- One entry of the record of an account or of its contacts.
SELECT h.audit_entry_id, h.action, h.entity, h.entity_id, h.contact_id, h.field, h.old_value, h.new_value, h.old_erased, f.type
FROM audit_entry h
LEFT JOIN custom_field f ON f.custom_field_id = h.entity_id AND h.entity IN ('account_field_value', 'contact_field_value')
WHERE h.audit_entry_id = $audit_entry_id
  AND (h.account_id = $account_id
       OR (h.account_id IS NULL AND h.contact_id IN (SELECT contact_id FROM account_contact WHERE account_id = $account_id)))
