-- A session by the hash of its token, while its person may sign in; the member it looks as, until when, and the roles of both. For the
-- system only.
SELECT s.staff_member_id, s.contact_email_id, s.created_at, s.last_used_at, s.ended_at, s.viewed_member_id, s.viewed_until, m.role,
       v.role AS viewed_role
FROM live_session s
LEFT JOIN staff_member m ON m.staff_member_id = s.staff_member_id
LEFT JOIN staff_member v ON v.staff_member_id = s.viewed_member_id AND v.is_active
WHERE s.token_hash = $token_hash
  AND (m.is_active OR EXISTS (SELECT 1 FROM live_login l WHERE l.contact_email_id = s.contact_email_id))
