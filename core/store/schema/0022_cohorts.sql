-- Cohorts: named sets of clients. Of kind `measure` the definition says which list of Auswertung it is, evaluated at each use; of kind
-- `query` the clients are kept as they were found. `needed_rights` names, with commas, the rights without which nobody is offered it.
CREATE TABLE data.cohort (
    cohort_id BIGINT NOT NULL, staff_member_id BIGINT NOT NULL, is_shared BOOLEAN NOT NULL DEFAULT FALSE, name TEXT NOT NULL,
    kind TEXT NOT NULL, definition TEXT NOT NULL DEFAULT '', needed_rights TEXT NOT NULL DEFAULT '', found_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE data.cohort_account (cohort_id BIGINT NOT NULL, account_id BIGINT NOT NULL);
