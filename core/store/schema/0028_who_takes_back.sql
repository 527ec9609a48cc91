-- Who takes an import back: after the server ended between two pieces, it goes on as this person, while they may (NULL: the command line).
ALTER TABLE data.import_run ADD COLUMN undo_staff_member_id BIGINT;
