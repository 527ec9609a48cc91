-- Which row an entry of the record is about: two tables whose rows had no name of their own get one.
ALTER TABLE data.task_assignee RENAME TO task_assignee_unnamed;
CREATE TABLE data.task_assignee (
    task_assignee_id BIGINT NOT NULL, account_id BIGINT NOT NULL, task_id BIGINT NOT NULL, staff_member_id BIGINT NOT NULL);
INSERT INTO data.task_assignee BY NAME
    SELECT nextval('data.object_id') AS task_assignee_id, * FROM (FROM data.task_assignee_unnamed ORDER BY account_id);
DROP TABLE data.task_assignee_unnamed;

ALTER TABLE data.signatory RENAME TO signatory_unnamed;
CREATE TABLE data.signatory (
    signatory_id BIGINT NOT NULL, account_id BIGINT NOT NULL, signature_id BIGINT, contract_id BIGINT, contact_id BIGINT NOT NULL,
    contact_email_id BIGINT NOT NULL, signed_at TIMESTAMP);
INSERT INTO data.signatory BY NAME
    SELECT nextval('data.object_id') AS signatory_id, * FROM (FROM data.signatory_unnamed ORDER BY account_id);
DROP TABLE data.signatory_unnamed;

-- What a file said last of a field, where that is not what stands in the record. ``shape`` is which fields its mapping brought of a
-- row (NULL: brought before this was kept, all of the mapping's), ``ended`` why a key names nothing any more: 'file', 'undo', 'erased'.
ALTER TABLE data.import_key ADD COLUMN shape INTEGER;
ALTER TABLE data.import_key ADD COLUMN ended TEXT;
-- ``compared_at`` is the last entry of the record the run was compared with, ``made_at`` the moment its own entries bear.
ALTER TABLE data.import_run ADD COLUMN compared_at BIGINT;
ALTER TABLE data.import_run ADD COLUMN made_at TIMESTAMP;
ALTER TABLE data.import_run ADD COLUMN undone_at TIMESTAMP;
CREATE TABLE data.import_shape (mapping TEXT NOT NULL, shape INTEGER NOT NULL, table_name TEXT NOT NULL, fields TEXT NOT NULL);
-- A row is named as the record names it; field '' says that somebody made the row again here.
CREATE TABLE data.import_word (
    mapping TEXT NOT NULL, table_name TEXT NOT NULL, entity_id BIGINT, account_id BIGINT, contact_id BIGINT, field TEXT NOT NULL,
    said TEXT, is_known BOOLEAN NOT NULL, is_open BOOLEAN NOT NULL, offered TEXT, since TIMESTAMP NOT NULL);
UPDATE data.import_run r SET made_at = e.made_at FROM data.audit_entry e
    WHERE e.entity = 'import_run' AND e.action = 'imported' AND e.entity_id = r.import_run_id;
UPDATE data.import_run r SET compared_at = f.first - 1 FROM (
        SELECT made_at, min(audit_entry_id) AS first FROM data.audit_entry WHERE through = 'import' GROUP BY made_at) f
    WHERE f.made_at = r.made_at;
