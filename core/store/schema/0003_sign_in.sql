-- Browsers that signed in before, by the hash of their long-lived cookie: a row per person who did. Their tries are counted apart.
CREATE TABLE data.known_browser (
    known_browser_id BIGINT NOT NULL, token_hash TEXT NOT NULL, staff_member_id BIGINT, contact_email_id BIGINT,
    created_at TIMESTAMP NOT NULL, last_used_at TIMESTAMP NOT NULL);
-- The second factor of a team member: the secret its codes are made from, and the last time step one was taken of.
CREATE TABLE data.second_factor (
    staff_member_id BIGINT NOT NULL, secret TEXT NOT NULL, last_step BIGINT NOT NULL, created_at TIMESTAMP NOT NULL);
CREATE TABLE data.recovery_code (
    recovery_code_id BIGINT NOT NULL, staff_member_id BIGINT NOT NULL, code_hash TEXT NOT NULL, used_at TIMESTAMP);
-- What the firm asks for at the sign-in: roles that need a second factor, by comma; whether the team may use passwords.
ALTER TABLE data.firm ADD COLUMN second_factor_roles TEXT DEFAULT '';
ALTER TABLE data.firm ADD COLUMN form_for_team BOOLEAN DEFAULT TRUE;
