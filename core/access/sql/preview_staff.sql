-- Employees who see some accounts only because they are assigned: without the right to see all.
SELECT s.account_id, s.staff_member_id, m.name
FROM assignment s
JOIN staff_member m ON m.staff_member_id = s.staff_member_id
JOIN account k ON k.account_id = s.account_id
WHERE s.account_id IN (SELECT unnest($ids)) AND m.is_active AND m.role = 'employee'
  AND NOT EXISTS (SELECT 1 FROM staff_right r WHERE r.staff_member_id = m.staff_member_id AND r.right_key = 'view_all_accounts')
ORDER BY m.name, s.account_id
