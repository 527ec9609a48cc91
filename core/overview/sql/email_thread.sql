-- The conversation of one mail, oldest first; a mail without a thread stands alone.
SELECT e.email_id, e.subject, e.from_address, e.to_address, e.sent_at, e.direction, e.is_read, e.has_failed, e.body
FROM email e
WHERE e.account_id = $account_id
  AND (e.email_id = $email_id
       OR e.thread IN (SELECT thread FROM email WHERE account_id = $account_id AND email_id = $email_id AND thread IS NOT NULL))
ORDER BY e.sent_at, e.email_id
LIMIT 200
