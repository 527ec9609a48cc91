-- Who of the firm opened or downloaded a document, each time. Written a moment after, many in one transaction, and not in the chained record:
-- a page that was looked at waits for no disk.
CREATE TABLE data.document_opening (
    account_id BIGINT NOT NULL, document_id BIGINT NOT NULL, staff_member_id BIGINT NOT NULL, way TEXT NOT NULL, opened_at TIMESTAMP NOT NULL);
