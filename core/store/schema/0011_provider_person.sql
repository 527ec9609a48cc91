-- Who somebody is at the identity provider: its own name for the person (a hash of it), which nobody else ever gets there, as an
-- address may. Remembered at the first sign-in; a row holds for that provider and our name there.
CREATE TABLE data.provider_person (
    staff_member_id BIGINT NOT NULL, issuer TEXT NOT NULL, known_as TEXT NOT NULL, subject_hash TEXT NOT NULL, created_at TIMESTAMP NOT NULL);
