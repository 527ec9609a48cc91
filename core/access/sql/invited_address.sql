-- The address an invitation is for, while it may sign in for some account; for the system only.
SELECT e.contact_email_id, e.email, (SELECT name FROM firm LIMIT 1) AS firm
FROM contact_email e
WHERE e.contact_email_id = $contact_email_id AND e.contact_email_id IN (SELECT contact_email_id FROM live_login)
