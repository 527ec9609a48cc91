-- The firm's own notes: pinned ones above, then the newest saved.
SELECT n.note_id, n.text, m.name AS saved_by, n.saved_at, n.is_pinned
FROM note n
LEFT JOIN staff_member m ON m.staff_member_id = n.staff_member_id
WHERE n.account_id = $account_id
ORDER BY is_pinned DESC, saved_at DESC, note_id DESC
