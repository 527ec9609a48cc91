-- Accounts with one of $words, and with one of $others when there are any; in the order of the words.
SELECT account_id, min(list_position($words, word)) AS place, min(rank) AS rank
FROM search_word
WHERE word IN (SELECT unnest($words)) AND word >= $low AND word <= $high AND rank < 3
  AND (len($others) = 0 OR account_id IN (SELECT account_id FROM search_word WHERE word IN (SELECT unnest($others)) AND rank < 3))
GROUP BY account_id
ORDER BY place, rank, account_id
LIMIT $at_most
