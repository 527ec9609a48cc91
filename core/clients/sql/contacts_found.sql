-- Contacts whose name or primary address holds all of three parts; every text holds ''.
SELECT c.contact_id, c.name, e.email
FROM contact c
LEFT JOIN (
    SELECT contact_id, arg_min(email, CASE WHEN is_primary THEN 0 ELSE contact_email_id END) AS email FROM contact_email GROUP BY contact_id
) AS e ON e.contact_id = c.contact_id
WHERE contains(strip_accents(lower(c.name || ' ' || coalesce(e.email, ''))), strip_accents($one))
  AND contains(strip_accents(lower(c.name || ' ' || coalesce(e.email, ''))), strip_accents($two))
  AND contains(strip_accents(lower(c.name || ' ' || coalesce(e.email, ''))), strip_accents($three))
ORDER BY c.name, c.contact_id
LIMIT $at_most
