-- What the firm depends on: a row for each client with invoices in the last twelve months (from $year_ago), the largest sums first. Sums are
-- gross: value added tax is a line with a text, so that none can be taken out honestly.
WITH billed AS (
    SELECT i.account_id, sum(i.total) AS billed, count(*) AS invoices
    FROM invoice i
    JOIN account a ON a.account_id = i.account_id
    WHERE i.issued_on > $year_ago AND a.archived_at IS NULL
    GROUP BY i.account_id
), placed AS (
    SELECT b.*, row_number() OVER (ORDER BY b.billed DESC, b.account_id) AS place, sum(b.billed) OVER () AS whole FROM billed b WHERE b.billed > 0
)
SELECT p.account_id, 'account' AS kind, p.account_id AS item_id, p.place, p.billed, p.invoices,
       round(CAST(100 * p.billed / p.whole AS DECIMAL(9, 3)), 1) AS percent,
       CASE WHEN p.place <= 1 THEN 'yes' ELSE 'no' END AS first, CASE WHEN p.place <= 5 THEN 'yes' ELSE 'no' END AS five,
       CASE WHEN p.place <= 10 THEN 'yes' ELSE 'no' END AS ten
FROM placed p
