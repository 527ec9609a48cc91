-- Invoices of the account that still have a balance, oldest due first, and what its credit covers: laid on cumulatively in
-- the order due, issued, number; what is in progress or scheduled is listed and takes none.
-- {is_held}, {coverable} and {credit} are the rule in net_due.py.
WITH owed AS (
    SELECT i.invoice_id, i.number, i.issued_on, i.due_on, i.total, i.total - i.paid_amount AS open_amount, i.status,
           i.due_on < $today AND NOT ({is_held}) AS is_overdue,
           {coverable} AS coverable
    FROM invoice i
    WHERE i.account_id = $account_id AND i.total > i.paid_amount
), laid AS (
    SELECT *, coalesce(sum(coverable) OVER (
               ORDER BY due_on, issued_on, number, invoice_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before_it,
           (SELECT {credit} FROM credit WHERE account_id = $account_id) AS credit
    FROM owed
)
SELECT invoice_id, number, due_on, total, open_amount,
       greatest(least(coverable, credit - before_it), 0)::DECIMAL(14,2) AS payable, status, is_overdue, issued_on
FROM laid
ORDER BY due_on, issued_on, number, invoice_id
