-- Queries people wrote, under a name; ``chart`` says in JSON how their answer is drawn.
CREATE TABLE data.saved_query (
    saved_query_id BIGINT NOT NULL, staff_member_id BIGINT NOT NULL, is_shared BOOLEAN NOT NULL DEFAULT FALSE,
    name TEXT NOT NULL, text TEXT NOT NULL, chart TEXT, created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);
