-- Clients that are silent against their own habit, the longest against it first. The rules are those of list_columns.py.
SELECT a.account_id, a.name AS client, f.last_client_at, {days} AS days, h.usual_days, h.longest_days, {silence} AS silence,
       count(*) OVER () AS total
FROM account a
JOIN account_figure f ON f.account_id = a.account_id
JOIN account_habit h ON h.account_id = a.account_id
WHERE a.archived_at IS NULL AND {silence} IS NOT NULL
  AND ($account_id = 0 OR a.account_id = $account_id)
  AND ($of_everybody OR a.account_id IN (SELECT s.account_id FROM assignment s WHERE s.staff_member_id = $member_id))
ORDER BY {days} / greatest(h.usual_days, 7) DESC, a.account_id
LIMIT 100
