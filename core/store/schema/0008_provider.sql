-- The identity provider a session began with, by its issuer; NULL for a password or a link.
ALTER TABLE data.session ADD COLUMN issuer TEXT;
