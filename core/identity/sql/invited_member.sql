-- The active team member an invitation is for; for the system only.
SELECT staff_member_id, name, email, (SELECT name FROM firm LIMIT 1) AS firm
FROM staff_member
WHERE staff_member_id = $staff_member_id AND is_active
