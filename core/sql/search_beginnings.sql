-- Accounts with a word that begins with $word; every token must stand somewhere, in one of its folded forms.
WITH hit AS (
    SELECT account_id, min(CASE WHEN word = $word THEN 0 ELSE 1 END) AS longer, min(rank) AS rank
    FROM search_word WHERE word >= $word AND word < $end GROUP BY account_id
)
SELECT a.account_id, a.number, a.name, a.archived_at, a.photo_id, s.name AS folded
FROM hit h
JOIN search_text s ON s.account_id = h.account_id
JOIN account a ON a.account_id = h.account_id
WHERE len(list_filter($tokens, lambda forms: len(list_filter(forms, lambda form: contains(s.everything, form))) = 0)) = 0
ORDER BY h.longer, h.rank, a.name
LIMIT 300
