-- One invoice of the account.
SELECT invoice_id, number, issued_on, due_on, total, paid_amount, total - paid_amount AS open_amount, status
FROM invoice
WHERE account_id = $account_id AND invoice_id = $invoice_id
