-- How many accounts some team members see.
SELECT m.staff_member_id, m.name,
       CASE WHEN NOT m.is_active THEN 0
            WHEN m.role IN ('owner', 'admin') OR EXISTS (
                SELECT 1 FROM staff_right r WHERE r.staff_member_id = m.staff_member_id AND r.right_key = 'view_all_accounts')
            THEN (SELECT count(*) FROM account)
            ELSE (SELECT count(*) FROM assignment s JOIN account k ON k.account_id = s.account_id
                  WHERE s.staff_member_id = m.staff_member_id) END AS n
FROM staff_member m
WHERE m.staff_member_id IN (SELECT unnest($ids))
