-- Sign-ins of all contacts of the account, newest first; where somebody else reads the address, by that person's name.
SELECT l.login_id, coalesce(e.holder_name, c.name, l.email) AS who, l.tried_at, l.device, l.network_address, l.outcome, l.email,
       l.outcome = 'success' AS is_success
FROM login l
LEFT JOIN contact c ON c.contact_id = l.contact_id
LEFT JOIN contact_email e ON e.contact_email_id = l.contact_email_id
WHERE l.account_id = $account_id
ORDER BY tried_at DESC, login_id DESC
