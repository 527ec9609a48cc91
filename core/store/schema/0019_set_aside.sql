-- What somebody took out of the ledger of whose turn it is: as no longer open, or until a day. It holds while the thing stands as it stood
-- then (whose turn, since when, until when, how much); what changes comes back by itself.
CREATE TABLE data.turn_set_aside (
    turn_set_aside_id BIGINT NOT NULL, account_id BIGINT NOT NULL, kind TEXT NOT NULL, object_id BIGINT NOT NULL, until_on DATE,
    turn TEXT NOT NULL, since_at TIMESTAMP, due_on DATE, amount DECIMAL(14,2),
    staff_member_id BIGINT NOT NULL, created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);
-- When the visit before the last one began: what came since is new to this person.
ALTER TABLE data.recent_account ADD COLUMN before_at TIMESTAMP;
