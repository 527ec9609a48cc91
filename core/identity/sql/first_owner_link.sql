-- A link for the first owner that can still be used: not once there is an active owner; for the system only.
SELECT one_time_link_id FROM one_time_link
WHERE token_hash = $token_hash AND purpose = 'first_owner' AND used_at IS NULL AND expires_at > $now AND created_at < $now + INTERVAL 10 MINUTE
  AND NOT EXISTS (SELECT 1 FROM staff_member WHERE role = 'owner' AND is_active)
