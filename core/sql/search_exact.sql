-- Accounts whose whole name is $name or $other: the first line of the folded name, whose lines are its spellings.
SELECT account_id
FROM search_text
WHERE (name >= $name AND name < $name || chr(11)) OR (name >= $other AND name < $other || chr(11))
ORDER BY account_id
LIMIT $at_most
