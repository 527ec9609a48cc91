-- A client is also found by its contacts, their telephone numbers, and fields the firm marks. The words are made anew when the
-- installation is opened: it takes a program to fold them. A contact is found by a text of its own, as a client is.
ALTER TABLE data.custom_field ADD COLUMN is_searched BOOLEAN DEFAULT FALSE;
DELETE FROM data.search_word;
DELETE FROM data.search_text;
CREATE TABLE data.search_contact (
    contact_id BIGINT NOT NULL, name TEXT USING COMPRESSION uncompressed NOT NULL, everything TEXT USING COMPRESSION uncompressed NOT NULL);
