-- Everything the search knows of some accounts, folded.
SELECT account_id, everything
FROM search_text
WHERE account_id IN (SELECT unnest($account_ids))
