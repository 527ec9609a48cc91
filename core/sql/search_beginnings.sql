-- Accounts with a word that begins with $word, or with $other, its second spelling: the exact name first, then beginnings of
-- names, other words, addresses. A whole name (rank 3) counts just before a first word.
WITH hit AS (
    SELECT account_id, CASE rank WHEN 3 THEN -1 ELSE 100 * rank::INTEGER END + least(length(word) - length($word), 99) AS distance
    FROM search_word WHERE word >= $word AND word < $word_end
    UNION ALL
    SELECT account_id, CASE rank WHEN 3 THEN 0 ELSE 100 * rank::INTEGER + 1 END + least(length(word) - length($other), 99) AS distance
    FROM search_word WHERE word >= $other AND word < $other_end
)
SELECT account_id, distance FROM hit
ORDER BY distance, account_id
LIMIT $at_most
