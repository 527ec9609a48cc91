-- Accounts with three parts anywhere in what a client is found by ('' stands in every text); parts of the name first.
SELECT account_id
FROM search_text
WHERE contains(everything, $part) AND contains(everything, $second) AND contains(everything, $third)
ORDER BY contains(name, $part) AND contains(name, $second) AND contains(name, $third) DESC, length(name), account_id
LIMIT $at_most
