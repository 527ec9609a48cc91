-- Accounts with three parts anywhere in name, number or an address; every text holds ''. Those with all in the name come first.
SELECT account_id
FROM search_text
WHERE contains(everything, $part) AND contains(everything, $second) AND contains(everything, $third)
ORDER BY contains(name, $part) AND contains(name, $second) AND contains(name, $third) DESC, length(name), account_id
LIMIT $at_most
