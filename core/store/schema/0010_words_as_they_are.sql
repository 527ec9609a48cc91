-- What the search reads of a few rows here and there is kept as it is written: a packed column is unpacked from the beginning
-- of its segment for every row asked of it, which cost more than half of an answer among a million accounts.
ALTER TABLE data.account RENAME TO account_packed;
CREATE TABLE data.account (
    account_id BIGINT NOT NULL, number TEXT USING COMPRESSION uncompressed NOT NULL, name TEXT USING COMPRESSION uncompressed NOT NULL,
    kind TEXT NOT NULL DEFAULT 'person', state TEXT NOT NULL DEFAULT 'offline', archived_at TIMESTAMP, photo_id BIGINT,
    created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);
INSERT INTO data.account BY NAME SELECT * FROM data.account_packed ORDER BY account_id;
DROP TABLE data.account_packed;

ALTER TABLE data.search_word RENAME TO search_word_packed;
CREATE TABLE data.search_word (word TEXT USING COMPRESSION uncompressed NOT NULL, account_id BIGINT NOT NULL, rank UTINYINT NOT NULL);
INSERT INTO data.search_word BY NAME SELECT * FROM data.search_word_packed ORDER BY word, rank, account_id;
DROP TABLE data.search_word_packed;

ALTER TABLE data.search_text RENAME TO search_text_packed;
CREATE TABLE data.search_text (
    account_id BIGINT NOT NULL, name TEXT USING COMPRESSION uncompressed NOT NULL, everything TEXT USING COMPRESSION uncompressed NOT NULL);
INSERT INTO data.search_text BY NAME SELECT * FROM data.search_text_packed ORDER BY account_id;
DROP TABLE data.search_text_packed;

ALTER TABLE data.contact_email RENAME TO contact_email_packed;
CREATE TABLE data.contact_email (
    contact_email_id BIGINT NOT NULL, contact_id BIGINT, email TEXT USING COMPRESSION uncompressed NOT NULL, label TEXT, holder_name TEXT,
    holder_relation TEXT, is_primary BOOLEAN NOT NULL DEFAULT FALSE, custom_field_id BIGINT, password_hash TEXT,
    created_at TIMESTAMP NOT NULL, version INTEGER NOT NULL DEFAULT 1);
INSERT INTO data.contact_email BY NAME SELECT * FROM data.contact_email_packed ORDER BY contact_id, contact_email_id;
DROP TABLE data.contact_email_packed;
