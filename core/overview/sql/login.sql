-- One sign-in of a contact of the account.
SELECT l.login_id, coalesce(e.holder_name, c.name, l.email) AS who, c.name AS contact, l.email, l.tried_at, l.device, l.network_address,
       l.outcome
FROM login l
LEFT JOIN contact c ON c.contact_id = l.contact_id
LEFT JOIN contact_email e ON e.contact_email_id = l.contact_email_id
WHERE l.account_id = $account_id AND l.login_id = $login_id
