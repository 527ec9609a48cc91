-- An invitation that can still be used, while its address may sign in for some account; for the system only.
SELECT l.contact_email_id, e.email, (SELECT name FROM firm LIMIT 1) AS firm
FROM one_time_link l JOIN contact_email e ON e.contact_email_id = l.contact_email_id
WHERE l.token_hash = $token_hash AND l.purpose = 'invitation' AND l.used_at IS NULL AND l.expires_at > $now AND l.created_at < $now + INTERVAL 10 MINUTE
  AND EXISTS (SELECT 1 FROM email_access a JOIN account k ON k.account_id = a.account_id
              WHERE a.contact_email_id = l.contact_email_id AND a.login AND a.suspended_at IS NULL AND k.archived_at IS NULL)
