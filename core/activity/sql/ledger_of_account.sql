-- What waits of one client, the oldest first, and the ids of who of the firm has it: who has it alone, else a task's assignees, else
-- everyone assigned to the client; NULL where nobody is.
SELECT w.kind, w.account_id, w.item_id, w.title, w.turn, w.since_at, w.since_on, w.due_on, w.amount, w.is_dormant,
       CASE WHEN w.owner_id IS NOT NULL THEN ARRAY[w.owner_id] ELSE coalesce(
           (SELECT array_agg(a.staff_member_id ORDER BY a.staff_member_id) FROM task_assignee a
            WHERE w.kind = 'task' AND a.task_id = w.item_id),
           (SELECT array_agg(t.staff_member_id ORDER BY t.staff_member_id) FROM assignment t WHERE t.account_id = w.account_id)) END AS owners
FROM {ledger} AS w
WHERE w.account_id = $account_id
ORDER BY coalesce(w.since_at, CAST(w.since_on AS TIMESTAMP)), w.kind, w.item_id
