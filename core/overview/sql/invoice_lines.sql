-- The lines of one invoice.
SELECT position, text, quantity, unit_price, amount
FROM invoice_line
WHERE account_id = $account_id AND invoice_id = $invoice_id
ORDER BY position, invoice_line_id
