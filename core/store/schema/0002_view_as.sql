-- Looking at the app as a given employee belongs to the session of who looks: F5, other tabs and routes follow it.
ALTER TABLE data.session ADD COLUMN viewed_member_id BIGINT;
ALTER TABLE data.session ADD COLUMN viewed_until TIMESTAMP;
