-- One note in full.
SELECT n.note_id, n.text, n.saved_at, n.is_pinned, n.staff_member_id, m.name AS saved_by, n.version
FROM note n LEFT JOIN staff_member m ON m.staff_member_id = n.staff_member_id
WHERE n.account_id = $account_id AND n.note_id = $note_id
