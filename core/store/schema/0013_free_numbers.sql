-- From here on numbers of the record may be free before a batch; a program that does not know it would call them missing.
COMMENT ON COLUMN data.audit_entry.batch_id IS
    'Number of the last entry of a batch, whose hash covers all of it: its first and last number and the entry before it.';
