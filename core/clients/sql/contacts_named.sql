-- Visible contacts of the same name, whatever its case and accents.
SELECT c.contact_id, c.name, any_value(e.email) AS email, count(DISTINCT l.account_id) AS accounts
FROM contact c
LEFT JOIN contact_email e ON e.contact_id = c.contact_id AND e.is_primary
LEFT JOIN account_contact l ON l.contact_id = c.contact_id
WHERE strip_accents(lower(replace(c.name, 'ß', 'ss'))) = $name
GROUP BY c.contact_id, c.name
ORDER BY c.contact_id
LIMIT 5
