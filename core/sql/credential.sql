-- What a sign-in is checked against; for the system only.
SELECT staff_member_id, password_hash, is_active FROM credential WHERE email = $email
