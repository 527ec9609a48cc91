-- Mails of the conversation of one mail, oldest first: those from $first to $last, counted from this mail (0), earlier ones below zero.
-- A mail without a thread stands alone.
WITH conversation AS (
    SELECT e.email_id, e.subject, e.from_address, e.to_address, e.cc_address, e.sent_at, e.direction, e.is_read, e.has_failed, e.body,
           row_number() OVER (ORDER BY e.sent_at, e.email_id) AS place, count(*) OVER () AS total
    FROM email e
    WHERE e.account_id = $account_id
      AND (e.email_id = $email_id
           OR e.thread IN (SELECT thread FROM email WHERE account_id = $account_id AND email_id = $email_id AND thread IS NOT NULL))
)
SELECT k.*, k.email_id = $email_id AS is_asked
FROM conversation k
JOIN (SELECT place FROM conversation WHERE email_id = $email_id) AS asked ON k.place BETWEEN asked.place + $first AND asked.place + $last
ORDER BY k.place
