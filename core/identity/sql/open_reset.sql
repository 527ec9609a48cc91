-- A link for a new password that can still be used, while its person may sign in; for the system only.
SELECT l.staff_member_id, l.contact_email_id, coalesce(m.email, e.email) AS email, (SELECT name FROM firm LIMIT 1) AS firm
FROM one_time_link l
LEFT JOIN staff_member m ON m.staff_member_id = l.staff_member_id AND m.is_active
LEFT JOIN contact_email e ON e.contact_email_id = l.contact_email_id AND e.contact_email_id IN (SELECT contact_email_id FROM live_login)
WHERE l.token_hash = $token_hash AND l.purpose = 'reset' AND l.used_at IS NULL AND l.expires_at > $now AND l.created_at < $now + INTERVAL 10 MINUTE
  AND coalesce(m.email, e.email) IS NOT NULL
