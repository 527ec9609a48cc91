SELECT a.account_id, a.number, a.name,
       count(*) AS invoices,
       sum(i.total - i.paid_amount) AS open_amount,
       min(i.due_on) AS due_since
FROM invoice i
JOIN account a ON a.account_id = i.account_id
WHERE {is_overdue}
GROUP BY a.account_id, a.number, a.name
ORDER BY open_amount DESC
LIMIT 20
