-- The account as its bar shows it on every page.
SELECT account_id, number, name, kind, state, photo_id, version
FROM account
WHERE account_id = $account_id
