-- What a sign-in is checked against, of a team member or of a client's contact; for the system only.
SELECT kind, id, password_hash, is_active FROM credential WHERE email = $email
