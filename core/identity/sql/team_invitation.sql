-- A team member's invitation that can still be used; for the system only.
SELECT l.one_time_link_id, m.staff_member_id, m.name, m.email, (SELECT name FROM firm LIMIT 1) AS firm
FROM one_time_link l JOIN staff_member m ON m.staff_member_id = l.staff_member_id AND m.is_active
WHERE l.token_hash = $token_hash AND l.purpose = 'team_invitation' AND l.used_at IS NULL AND l.expires_at > $now AND l.created_at < $now + INTERVAL 10 MINUTE
