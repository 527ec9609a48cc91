-- An import that is taken back: ``undo_began_at`` is set before the first piece and holds until ``undone_at``. A key bears the moment of the run
-- that first named its row (NULL: before this was kept), so that it goes with the row.
ALTER TABLE data.import_run ADD COLUMN undo_began_at TIMESTAMP;
ALTER TABLE data.import_key ADD COLUMN made_at TIMESTAMP;
