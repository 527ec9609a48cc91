-- Accounts with one of $words in their name and, unless $others is empty, one of $others too; in the order of $words.
SELECT account_id, min(list_position($words, word)) AS place, min(rank) AS rank
FROM search_word
WHERE word IN (SELECT unnest($words)) AND word >= $low AND word <= $high AND rank < 2
  AND (len($others) = 0 OR account_id IN (SELECT account_id FROM search_word WHERE word IN (SELECT unnest($others)) AND rank < 2))
GROUP BY account_id
ORDER BY place, rank, account_id
LIMIT $at_most
