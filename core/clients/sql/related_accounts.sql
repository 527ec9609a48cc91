-- Other visible accounts that share a contact with this one.
SELECT k.account_id, k.number, k.name, k.kind, k.state, string_agg(c.name, ', ' ORDER BY c.name) AS contacts
FROM account_contact l
JOIN account_contact m ON m.contact_id = l.contact_id AND m.account_id <> l.account_id
JOIN account k ON k.account_id = m.account_id
JOIN contact c ON c.contact_id = l.contact_id
WHERE l.account_id = $account_id
GROUP BY k.account_id, k.number, k.name, k.kind, k.state
ORDER BY k.name, k.account_id
