-- What of one client was set aside and stands as it did then, what was set aside last first; and who did it.
SELECT w.kind, w.account_id, w.item_id, w.title, w.turn, w.since_at, w.since_on, w.due_on, w.amount, w.is_dormant, w.aside_id, w.aside_until,
       s.created_at AS aside_at, m.name AS aside_by
FROM {every} AS w
JOIN turn_set_aside s ON s.turn_set_aside_id = w.aside_id
LEFT JOIN staff_member m ON m.staff_member_id = s.staff_member_id
WHERE w.account_id = $account_id
ORDER BY s.created_at DESC, w.aside_id DESC
