-- Accounts with every token anywhere in name, number or an address.
SELECT a.account_id, a.number, a.name, a.archived_at, a.photo_id, s.name AS folded
FROM search_text s JOIN account a ON a.account_id = s.account_id
WHERE len(list_filter($tokens, lambda forms: len(list_filter(forms, lambda form: contains(s.everything, form))) = 0)) = 0
ORDER BY a.name
LIMIT 100
