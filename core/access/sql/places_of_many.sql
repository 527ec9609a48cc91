-- The addresses of the contacts of some accounts, the primary one of each contact or every one; a contact without an address and an
-- account without a contact have a row too.
SELECT k.account_id, k.name AS account, k.number, coalesce(e.holder_name, c.name) AS who, e.contact_email_id, e.email,
       coalesce(a.version, 0) AS version
FROM account k
LEFT JOIN account_contact l ON l.account_id = k.account_id
LEFT JOIN contact c ON c.contact_id = l.contact_id
LEFT JOIN contact_email e ON e.contact_id = l.contact_id AND ($every_address OR e.is_primary)
LEFT JOIN email_access a ON a.account_id = l.account_id AND a.contact_email_id = e.contact_email_id
WHERE k.account_id IN (SELECT unnest($ids))
ORDER BY k.name, k.account_id, who, e.is_primary DESC, e.contact_email_id
