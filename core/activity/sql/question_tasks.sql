SELECT m.name AS member,
       CASE WHEN t.due_on < $today THEN 'overdue' WHEN t.due_on IS NULL THEN 'no day' ELSE 'later' END AS due,
       count(*) AS tasks
FROM task t
JOIN task_assignee x ON x.task_id = t.task_id
JOIN staff_member m ON m.staff_member_id = x.staff_member_id
WHERE t.status IN ('planned', 'in_progress', 'waiting')
GROUP BY member, due
ORDER BY member, due
