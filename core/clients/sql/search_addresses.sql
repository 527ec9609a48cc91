-- The addresses of the contacts of some accounts.
SELECT ac.account_id, e.email
FROM account_contact ac JOIN contact_email e ON e.contact_id = ac.contact_id
WHERE ac.account_id IN (SELECT unnest($account_ids))
ORDER BY ac.account_id, e.email
