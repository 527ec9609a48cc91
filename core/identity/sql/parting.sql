-- How much work a team member would leave: clients, clients without another member, open tasks, tasks nobody else works on.
WITH own AS (SELECT account_id FROM assignment WHERE staff_member_id = $staff_member_id),
shared AS (
    SELECT DISTINCT s.account_id FROM assignment s JOIN staff_member m ON m.staff_member_id = s.staff_member_id AND m.is_active
    WHERE s.staff_member_id <> $staff_member_id AND s.account_id IN (SELECT account_id FROM own)
), open AS (
    SELECT t.task_id FROM task t JOIN task_assignee w ON w.task_id = t.task_id AND w.account_id = t.account_id
    WHERE w.staff_member_id = $staff_member_id AND t.status IN ('planned', 'in_progress', 'waiting')
), helped AS (
    SELECT DISTINCT w.task_id FROM task_assignee w JOIN staff_member m ON m.staff_member_id = w.staff_member_id AND m.is_active
    WHERE w.staff_member_id <> $staff_member_id AND w.task_id IN (SELECT task_id FROM open)
)
SELECT (SELECT count(*) FROM own) AS clients, (SELECT count(*) FROM own) - (SELECT count(*) FROM shared) AS clients_alone,
       (SELECT count(*) FROM open) AS tasks, (SELECT count(*) FROM open) - (SELECT count(*) FROM helped) AS tasks_alone
