-- What a sign-in is checked against, of a team member or of a client's contact; for the system only.
-- is_known: that person signed in with this very browser before.
SELECT c.kind, c.id, c.password_hash, c.is_active,
       EXISTS (FROM known_browser b WHERE b.token_hash = $browser
               AND ((c.kind = 'staff' AND b.staff_member_id = c.id) OR (c.kind = 'contact' AND b.contact_email_id = c.id))) AS is_known
FROM credential c WHERE c.email = $email
