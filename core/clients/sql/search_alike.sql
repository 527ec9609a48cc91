-- Words of names of clients and contacts that are much like $word, the likest first; between $low and $high.
WITH known AS (
    SELECT DISTINCT word FROM search_word
    WHERE word >= $low AND word < $high AND rank < 3 AND length(word) BETWEEN length($word) - 2 AND length($word) + 2
)
SELECT word FROM known
WHERE jaro_winkler_similarity(word, $word) >= 0.88
ORDER BY jaro_winkler_similarity(word, $word) DESC, word
LIMIT 12
