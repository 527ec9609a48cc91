-- The other visible accounts the contacts of an account are linked to.
SELECT l.contact_id, k.account_id, k.number, k.name, m.relation
FROM account_contact l
JOIN account_contact m ON m.contact_id = l.contact_id AND m.account_id <> l.account_id
JOIN account k ON k.account_id = m.account_id
WHERE l.account_id = $account_id
ORDER BY k.name, k.account_id
