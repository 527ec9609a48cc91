-- The columns of the client list for some accounts; what is overdue is in list_columns.py.
SELECT a.account_id, a.photo_id, a.number, a.name, a.kind, a.state, g.tags, m.team, f.open_amount, f.net_due, f.unread_count,
       f.new_count, f.open_task_count, f.to_sign_count, f.unbilled_minutes, f.unbilled_amount, f.last_login_at, f.last_activity_at, f.last_client_at,
       {silence} AS silence, {overdue_amount} AS overdue_amount, {overdue_tasks} AS overdue_task_count
FROM account a
LEFT JOIN account_figure f ON f.account_id = a.account_id
LEFT JOIN account_habit h ON h.account_id = a.account_id
LEFT JOIN (
    SELECT x.account_id, list(t.name ORDER BY t.name COLLATE NOACCENT.NOCASE, t.name) AS tags
    FROM account_tag x JOIN tag t ON t.tag_id = x.tag_id
    WHERE x.account_id IN (SELECT unnest($account_ids)) GROUP BY x.account_id
) AS g ON g.account_id = a.account_id
LEFT JOIN (
    SELECT s.account_id, string_agg(t.name, ', ' ORDER BY t.name COLLATE NOACCENT.NOCASE, t.name) AS team
    FROM assignment s JOIN staff_member t ON t.staff_member_id = s.staff_member_id
    WHERE s.account_id IN (SELECT unnest($account_ids)) GROUP BY s.account_id
) AS m ON m.account_id = a.account_id
WHERE a.account_id IN (SELECT unnest($account_ids))
