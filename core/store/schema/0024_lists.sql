-- Tables fed by a list that is a state, or that has a day: per run and table the day of the list, and what moved since the list before
-- ("moved" is JSON: kind, first, gone, amount, part, new, back, unknown, kept).
CREATE TABLE data.import_feed (
    import_run_id BIGINT NOT NULL, mapping TEXT NOT NULL, table_name TEXT NOT NULL, as_of DATE NOT NULL, moved TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL);
