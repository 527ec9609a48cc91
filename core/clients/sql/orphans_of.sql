-- Addresses without a contact that have access to the account, with the name of the contact they belonged to.
SELECT e.contact_email_id, e.email, e.label, e.holder_name, a.login, a.email_sync, a.notify, a.signatory, a.suspended_at,
       c.name AS contact_before
FROM email_access a
JOIN contact_email e ON e.contact_email_id = a.contact_email_id
LEFT JOIN contact c ON c.contact_id = a.contact_id
WHERE a.account_id = $account_id AND e.contact_id IS NULL
ORDER BY e.email
