-- What is shown of some contacts: name and primary address.
SELECT c.contact_id, c.name, e.email
FROM contact c
LEFT JOIN (
    SELECT contact_id, arg_min(email, CASE WHEN is_primary THEN 0 ELSE contact_email_id END) AS email
    FROM contact_email WHERE contact_id IN (SELECT unnest($contact_ids)) GROUP BY contact_id
) AS e ON e.contact_id = c.contact_id
WHERE c.contact_id IN (SELECT unnest($contact_ids))
