-- The credential of an address, of a team member or a client's contact; for the system only.
-- is_known: this person signed in with this browser before; form_for_team: false where the team signs in by the provider only.
SELECT c.kind, c.id, c.password_hash, c.is_active, (SELECT form_for_team FROM firm LIMIT 1) AS form_for_team,
       EXISTS (FROM known_browser b WHERE b.token_hash = $browser
               AND ((c.kind = 'staff' AND b.staff_member_id = c.id) OR (c.kind = 'contact' AND b.contact_email_id = c.id))) AS is_known
FROM credential c WHERE c.email = $email
