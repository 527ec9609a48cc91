-- How each team member signs in: whether by password or provider, the last sign-in, the end of an open invitation (as `open_link` decides);
-- for the system only.
SELECT c.id AS staff_member_id, c.password_hash IS NOT NULL AS has_password,
       EXISTS (FROM provider_person p WHERE p.staff_member_id = c.id) AS has_come_by_provider,
       (SELECT max(s.created_at) FROM live_session s WHERE s.staff_member_id = c.id) AS last_signed_in_at,
       (SELECT max(l.expires_at) FROM one_time_link l WHERE l.staff_member_id = c.id AND l.purpose = 'team_invitation'
            AND l.used_at IS NULL AND l.expires_at > $now AND l.created_at < $made_before) AS invited_until
FROM credential c
WHERE c.kind = 'staff'
