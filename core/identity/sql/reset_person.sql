-- The person whose password a link sets, while they may sign in; one of the ids is NULL. For the system only.
SELECT email, (SELECT name FROM firm LIMIT 1) AS firm
FROM staff_member
WHERE staff_member_id = $staff_member_id AND is_active AND email IS NOT NULL
UNION ALL
SELECT email, (SELECT name FROM firm LIMIT 1)
FROM contact_email
WHERE contact_email_id = $contact_email_id AND contact_email_id IN (SELECT contact_email_id FROM live_login)
