-- Mail that is taken in once: its Message-ID, also where it went as a copy; which conversation each id belongs to, and how far each folder
-- of a mailbox was read.
ALTER TABLE data.email ADD COLUMN message_id TEXT;
ALTER TABLE data.email ADD COLUMN cc_address TEXT;
CREATE TABLE data.mail_thread (message_id TEXT NOT NULL, thread TEXT NOT NULL);
CREATE TABLE data.mail_folder (
    mailbox TEXT NOT NULL, folder TEXT NOT NULL, uid_validity BIGINT NOT NULL, last_uid BIGINT NOT NULL, fetched_at TIMESTAMP NOT NULL,
    problem TEXT);
