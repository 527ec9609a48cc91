-- Files that people brought for an import, or a watched folder (then of nobody): what they were for ever, their bytes in the folder
-- "inbox" for thirty days.
CREATE TABLE data.import_file (
    import_file_id BIGINT NOT NULL, staff_member_id BIGINT, name TEXT NOT NULL, size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL, made_at TIMESTAMP NOT NULL, removed_at TIMESTAMP);
-- An import as somebody began it in the page, by name or by a watched folder; "files" and "needs" are lists in one text,
-- "counts", "problems", "decisions" and "told" are JSON.
CREATE TABLE data.import_job (
    import_job_id BIGINT NOT NULL, mapping TEXT NOT NULL, mapping_text TEXT NOT NULL, files TEXT NOT NULL, needs TEXT NOT NULL,
    staff_member_id BIGINT, is_unattended BOOLEAN NOT NULL DEFAULT FALSE, state TEXT NOT NULL, is_moved BOOLEAN NOT NULL DEFAULT FALSE,
    counts TEXT, digest TEXT, confirmed TEXT, decisions TEXT, problems TEXT, problem TEXT, told TEXT, import_run_id BIGINT,
    made_at TIMESTAMP NOT NULL, ended_at TIMESTAMP);
