-- What was booked as the account's credit, newest first.
SELECT credit_id, booked_on, amount, text AS booking_text
FROM credit
WHERE account_id = $account_id
ORDER BY booked_on DESC, credit_id DESC
