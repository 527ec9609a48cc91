-- Whom one calls about an account: a signatory first, then who may sign in, then who has a number, then by name; and the address that
-- this contact uses here.
SELECT c.name, coalesce(nullif(c.phone, ''), nullif(c.mobile, '')) AS phone,
       (SELECT e.email
        FROM contact_email e LEFT JOIN email_access b ON b.contact_email_id = e.contact_email_id AND b.account_id = l.account_id
        WHERE e.contact_id = c.contact_id
        ORDER BY coalesce(b.login, FALSE) DESC, e.is_primary DESC, e.contact_email_id LIMIT 1) AS email
FROM account_contact l
JOIN contact c ON c.contact_id = l.contact_id
LEFT JOIN (SELECT contact_id, max(signatory) AS signs, max(login) AS enters
           FROM email_access WHERE account_id = $account_id GROUP BY contact_id) a ON a.contact_id = c.contact_id
WHERE l.account_id = $account_id
ORDER BY coalesce(a.signs, FALSE) DESC, coalesce(a.enters, FALSE) DESC, phone IS NOT NULL DESC, c.name, c.contact_id
LIMIT 1
