-- Accounts with a word that begins with $word, at least of rank $least: the exact name first, then beginnings of names, other
-- words, contacts, telephone numbers, fields, addresses. A whole name (rank 6) counts just before a first word. An account may
-- come more than once.
SELECT a.account_id, a.number, a.name, a.archived_at, a.photo_id, hit.distance
FROM (
    SELECT account_id, CASE rank WHEN 6 THEN -1 ELSE 100 * rank::INTEGER END + least(length(word) - length($word), 99) AS distance
    FROM search_word WHERE word >= $word AND word < $word_end AND rank >= $least
    ORDER BY distance, account_id
    LIMIT $at_most
) AS hit
JOIN account a ON a.account_id = hit.account_id
