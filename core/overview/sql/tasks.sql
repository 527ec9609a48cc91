-- Tasks, earliest due first; the card shows those that are planned or in progress.
SELECT t.task_id, t.title, t.due_on, t.priority, a.assignees, t.status,
       coalesce(t.due_on < $today AND t.status NOT IN ('completed', 'canceled'), FALSE) AS is_overdue, t.completed_at
FROM task t
LEFT JOIN (
    SELECT ta.task_id, string_agg(m.name, ', ' ORDER BY m.name) AS assignees
    FROM task_assignee ta JOIN staff_member m ON m.staff_member_id = ta.staff_member_id
    WHERE ta.account_id = $account_id GROUP BY ta.task_id
) AS a ON a.task_id = t.task_id
WHERE t.account_id = $account_id
ORDER BY due_on ASC NULLS LAST, task_id
