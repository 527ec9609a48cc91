-- Invoices of the account, oldest due first (the card shows those that still have a balance), and what its credit pays of them:
-- laid on cumulatively in the order due, issued, number; what is in progress or scheduled is listed and takes none. A credit note
-- that is not refunded is listed below zero and pays like credit. {{is_held}}, {{owed}} and the others are the rules of net_due.py.
WITH balance AS (
    SELECT i.invoice_id, i.number, i.issued_on, i.due_on, i.total, i.total - i.paid_amount AS open_amount,
           CASE WHEN i.total < 0 THEN 'credit_note' ELSE i.status END AS status,
           {is_overdue} AS is_overdue,
           {coverable} AS coverable, {note_left} AS note_left,
           i.total > i.paid_amount OR (i.total < 0 AND i.total <> i.paid_amount) AS is_owed
    FROM invoice i
    WHERE i.account_id = $account_id
), laid AS (
    SELECT *, coalesce(sum(coverable) OVER (
               ORDER BY due_on, issued_on, number, invoice_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before_it,
           greatest((SELECT {booked} FROM credit WHERE account_id = $account_id)
                    + (SELECT coalesce(sum({overpaid}), 0) FROM invoice WHERE account_id = $account_id AND paid_amount > total), 0)
           + sum(note_left) OVER () AS credit
    FROM balance
)
SELECT invoice_id, number, due_on, total, open_amount,
       greatest(least(coverable, credit - before_it), 0)::DECIMAL(14,2) AS payable, status, is_overdue, issued_on, coverable, note_left, is_owed
FROM laid
ORDER BY due_on, issued_on, number, invoice_id
