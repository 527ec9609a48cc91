-- What the search shows and ranks by, for some accounts.
SELECT a.account_id, a.number, a.name, a.archived_at, a.photo_id
FROM account a
WHERE a.account_id IN (SELECT unnest($account_ids))
