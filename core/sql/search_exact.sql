-- Accounts whose whole name is $name in one of its spellings.
SELECT account_id
FROM search_text
WHERE name = $name OR starts_with(name, $name || chr(10)) OR ends_with(name, chr(10) || $name)
ORDER BY account_id
LIMIT $at_most
