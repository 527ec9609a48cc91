-- The contacts of an account with all their columns and their relation to it, by name.
SELECT c.*, l.relation
FROM account_contact l JOIN contact c ON c.contact_id = l.contact_id
WHERE l.account_id = $account_id
ORDER BY c.name, c.contact_id
