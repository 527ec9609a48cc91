-- Visible contacts one of whose spellings is one of $forms.
WITH named AS (
    SELECT contact_id FROM (SELECT contact_id, unnest(string_split(name, chr(10))) AS form FROM search_contact) AS spelling
    WHERE form IN (SELECT unnest($forms)) GROUP BY contact_id
)
SELECT c.contact_id, c.name, any_value(e.email) AS email, count(DISTINCT l.account_id) AS accounts
FROM named n JOIN contact c ON c.contact_id = n.contact_id
LEFT JOIN contact_email e ON e.contact_id = c.contact_id AND e.is_primary
LEFT JOIN account_contact l ON l.contact_id = c.contact_id
GROUP BY c.contact_id, c.name
ORDER BY c.contact_id
LIMIT 5
