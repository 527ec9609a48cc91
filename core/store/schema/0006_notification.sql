-- Mails without content about something new: one row per event and address. `state`: waiting, sending, sent, refused (by
-- the server, for good), failed (tried often enough), unsure (handed over without an answer, not sent again), dropped
-- (nobody is to be told any more). `kind` and `object_id` name the new row.
CREATE TABLE data.notification (
    notification_id BIGINT NOT NULL, account_id BIGINT NOT NULL, contact_email_id BIGINT, kind TEXT NOT NULL,
    object_id BIGINT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', made_at TIMESTAMP NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, next_at TIMESTAMP, ended_at TIMESTAMP);
