-- Accounts with two words that begin so, each in one of two spellings: those whose words are nearest to what was typed first.
WITH one AS MATERIALIZED (
    SELECT account_id, min(distance) AS distance FROM (
        SELECT account_id, CAST(rank AS INTEGER) * 100 + least(length(word) - length($word), 99) AS distance FROM search_word
        WHERE word >= $word AND word < $word_end
        UNION ALL
        SELECT account_id, CAST(rank AS INTEGER) * 100 + least(length(word) - length($other) + 1, 99) AS distance FROM search_word
        WHERE word >= $other AND word < $other_end) AS hit
    GROUP BY account_id
), two AS (
    SELECT account_id, CAST(rank AS INTEGER) * 100 + least(length(word) - length($second), 99) AS distance FROM search_word
    WHERE word >= $second AND word < $second_end
    UNION ALL
    SELECT account_id, CAST(rank AS INTEGER) * 100 + least(length(word) - length($second_other) + 1, 99) AS distance FROM search_word
    WHERE word >= $second_other AND word < $second_other_end
)
SELECT two.account_id, min(one.distance + two.distance) AS distance
FROM two JOIN one ON one.account_id = two.account_id
GROUP BY two.account_id
ORDER BY distance, two.account_id
LIMIT $at_most
