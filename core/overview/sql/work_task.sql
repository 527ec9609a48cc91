-- A task for its form, with the ids of who works on it.
SELECT task_id, title, due_on, priority, status, version,
       (SELECT list(staff_member_id ORDER BY staff_member_id) FROM task_assignee WHERE account_id = $account_id AND task_id = $row_id) AS assignees
FROM task WHERE account_id = $account_id AND task_id = $row_id
