-- Accounts with a word that begins with $word, or with $other, its second spelling: beginnings of names first, addresses last.
WITH hit AS (
    SELECT account_id, CAST(rank AS INTEGER) * 100 + least(length(word) - length($word), 99) AS distance FROM search_word
    WHERE word >= $word AND word < $word_end
    UNION ALL
    SELECT account_id, CAST(rank AS INTEGER) * 100 + least(length(word) - length($other) + 1, 99) AS distance FROM search_word
    WHERE word >= $other AND word < $other_end
)
SELECT account_id, distance FROM hit
ORDER BY distance, account_id
LIMIT $at_most
