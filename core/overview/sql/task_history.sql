-- The record of one task, newest first.
SELECT h.made_at, h.actor_kind, h.action, h.entity, h.entity_id, h.field, h.old_value, h.new_value, m.name AS who
FROM audit_entry h
LEFT JOIN staff_member m ON m.staff_member_id = h.actor_id AND h.actor_kind = 'staff'
WHERE h.account_id = $account_id AND h.entity = 'task' AND h.entity_id = $task_id
ORDER BY h.audit_entry_id DESC
