-- Accounts with a word of their name that is much like $word; asked only when nothing matches exactly.
WITH alike AS (
    SELECT account_id, max(jaro_winkler_similarity(word, $word)) AS likeness
    FROM search_word
    WHERE word >= $letter AND word < $letter || chr(1114111) AND rank < 2 AND length(word) BETWEEN length($word) - 2 AND length($word) + 2
    GROUP BY account_id
)
SELECT a.account_id, a.number, a.name, a.archived_at, a.photo_id, s.name AS folded, k.likeness
FROM alike k
JOIN account a ON a.account_id = k.account_id
JOIN search_text s ON s.account_id = k.account_id
WHERE k.likeness >= 0.88
ORDER BY k.likeness DESC, a.name
LIMIT 200
