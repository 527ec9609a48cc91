-- A note for its form.
SELECT note_id, text, is_pinned, staff_member_id, version FROM note WHERE account_id = $account_id AND note_id = $row_id
