-- Open tasks by assignee and by when they are due; a task of two people counts for both, member 0 is nobody. $fortnight is the day in two
-- weeks.
SELECT t.account_id, 'task' AS kind, t.task_id AS item_id, t.title, t.due_on, t.status, m.name AS member_name,
       CAST(coalesce(a.staff_member_id, 0) AS VARCHAR) AS member,
       CASE WHEN t.due_on < $today THEN 'overdue' WHEN t.due_on <= $fortnight THEN 'soon' ELSE 'later' END AS due
FROM task t
LEFT JOIN task_assignee a ON a.task_id = t.task_id
LEFT JOIN staff_member m ON m.staff_member_id = a.staff_member_id
WHERE t.status IN ('planned', 'in_progress')
