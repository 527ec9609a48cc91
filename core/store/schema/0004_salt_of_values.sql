-- A salt belongs to a value: entries without one carry none, so that every salt in the record is checked by a digest.
UPDATE data.audit_entry SET salt = NULL WHERE salt IS NOT NULL AND old_digest IS NULL AND new_digest IS NULL;
