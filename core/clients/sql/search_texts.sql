-- The folded text of all that some accounts are found by.
SELECT account_id, everything
FROM search_text
WHERE account_id IN (SELECT unnest($account_ids))
