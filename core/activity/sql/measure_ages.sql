-- Open items (offene Posten): a row for each invoice with a balance, by days past due, and what of it is left when the client's credit
-- is laid on the oldest due first, as the widget of unpaid invoices does. The rules in braces are those of net_due.py.
WITH balance AS (
    SELECT i.account_id, i.invoice_id, i.number, i.issued_on, i.due_on, {is_held} AS is_held, {is_overdue} AS is_overdue, {owed} AS owed,
           {coverable} AS coverable, {note_left} AS note_left, {overpaid} AS overpaid
    FROM invoice i
    WHERE i.total <> i.paid_amount
), credited AS (
    SELECT c.account_id, {booked} AS booked FROM credit c GROUP BY c.account_id
), laid AS (
    SELECT b.*, coalesce(sum(b.coverable) OVER (
               PARTITION BY b.account_id ORDER BY b.due_on, b.issued_on, b.number, b.invoice_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before_it,
           greatest(coalesce(k.booked, 0) + sum(b.overpaid) OVER (PARTITION BY b.account_id), 0)
           + sum(b.note_left) OVER (PARTITION BY b.account_id) AS credit
    FROM balance b
    LEFT JOIN credited k ON k.account_id = b.account_id
)
SELECT l.account_id, 'invoice' AS kind, l.invoice_id AS item_id, l.number AS title, l.issued_on, l.due_on, l.owed AS open_amount,
       CAST(l.owed - greatest(least(l.coverable, l.credit - l.before_it), 0) AS DECIMAL(18, 2)) AS net,
       CASE WHEN l.is_held THEN 'held' WHEN l.due_on >= $today THEN 'not_due' WHEN $today - l.due_on <= 30 THEN 'd30'
            WHEN $today - l.due_on <= 60 THEN 'd60' WHEN $today - l.due_on <= 90 THEN 'd90' ELSE 'older' END AS bucket,
       CASE WHEN l.is_overdue THEN 'overdue' ELSE 'other' END AS due
FROM laid l
WHERE l.owed > 0
