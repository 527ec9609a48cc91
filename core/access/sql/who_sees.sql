-- Active team members who see an account, and why: by role, by the right to see all, by an assignment (since when, by whom).
SELECT m.staff_member_id, m.name, m.role, r.right_key IS NOT NULL AS sees_all, s.created_at AS since, h.through, b.name AS by_name
FROM staff_member m
LEFT JOIN staff_right r ON r.staff_member_id = m.staff_member_id AND r.right_key = 'view_all_accounts'
LEFT JOIN assignment s ON s.staff_member_id = m.staff_member_id AND s.account_id = $account_id
LEFT JOIN (
    SELECT entity_id, arg_max(actor_id, audit_entry_id) AS by_id, arg_max(actor_kind, audit_entry_id) AS by_kind,
           arg_max(through, audit_entry_id) AS through
    FROM audit_entry
    WHERE account_id = $account_id AND entity = 'assignment' AND action = 'created'
    GROUP BY entity_id
) AS h ON h.entity_id = s.staff_member_id
LEFT JOIN staff_member b ON b.staff_member_id = h.by_id AND h.by_kind = 'staff'
WHERE m.is_active AND (m.role IN ('owner', 'admin') OR r.right_key IS NOT NULL OR s.account_id IS NOT NULL)
  AND ($only IS NULL OR m.staff_member_id = $only)
ORDER BY CASE m.role WHEN 'owner' THEN 0 WHEN 'admin' THEN 1 ELSE 2 END, m.name COLLATE NOACCENT.NOCASE, m.staff_member_id
