-- A session by the hash of its token, while its member is active or its address may sign in; for the shell itself.
SELECT s.staff_member_id, s.contact_email_id, s.created_at, s.last_used_at, s.ended_at
FROM live_session s
LEFT JOIN staff_member m ON m.staff_member_id = s.staff_member_id
WHERE s.token_hash = $token_hash
  AND (m.is_active OR EXISTS (SELECT 1 FROM live_login l WHERE l.contact_email_id = s.contact_email_id))
