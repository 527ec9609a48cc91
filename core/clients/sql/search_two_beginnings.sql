-- Accounts with two words that begin so, each in one of two spellings, those whose words are nearest to what was typed first.
WITH one AS MATERIALIZED (
    SELECT account_id, min(distance) AS distance FROM (
        SELECT account_id, 100 * rank::INTEGER + least(length(word) - length($word), 99) AS distance FROM search_word
        WHERE word >= $word AND word < $word_end AND rank < 6
        UNION ALL
        SELECT account_id, 100 * rank::INTEGER + least(length(word) - length($other) + 1, 99) AS distance FROM search_word
        WHERE word >= $other AND word < $other_end AND rank < 6) AS hit
    GROUP BY account_id
), two AS (
    SELECT account_id, 100 * rank::INTEGER + least(length(word) - length($second), 99) AS distance FROM search_word
    WHERE word >= $second AND word < $second_end AND rank < 6
    UNION ALL
    SELECT account_id, 100 * rank::INTEGER + least(length(word) - length($second_other) + 1, 99) AS distance FROM search_word
    WHERE word >= $second_other AND word < $second_other_end AND rank < 6
), met AS (
    SELECT two.account_id, one.distance + two.distance AS distance FROM two JOIN one ON one.account_id = two.account_id
)
SELECT a.account_id, a.number, a.name, a.archived_at, a.photo_id, nearest.distance
FROM (SELECT account_id, min(distance) AS distance FROM met GROUP BY account_id ORDER BY distance, account_id LIMIT $at_most) AS nearest
JOIN account a ON a.account_id = nearest.account_id
