-- The payments of one invoice, oldest first.
SELECT paid_on, amount, method, reference
FROM payment
WHERE account_id = $account_id AND invoice_id = $invoice_id
ORDER BY paid_on, payment_id
