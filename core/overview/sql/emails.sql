-- Mail from and to the account's addresses, newest first.
SELECT e.email_id, e.subject, CASE WHEN e.direction = 'received' THEN e.from_address ELSE e.to_address END AS partner,
       e.sent_at,
       CASE WHEN e.has_failed THEN 'failed' WHEN e.direction = 'received' AND e.is_read THEN 'received_read'
            WHEN e.direction = 'received' THEN 'received_unread' WHEN e.is_read THEN 'sent_read' ELSE 'sent_unread' END AS status,
       e.direction = 'received' AND NOT e.is_read AND NOT e.has_failed AS is_unread
FROM email e
WHERE e.account_id = $account_id
ORDER BY sent_at DESC, email_id DESC
