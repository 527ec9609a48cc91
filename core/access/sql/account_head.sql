-- What stands at the left of the bar on every page of an account.
SELECT account_id, number, name, kind, state, photo_id, version
FROM account
WHERE account_id = $account_id
