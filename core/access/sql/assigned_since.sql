-- Since when a team member is assigned to some accounts, and who assigned them, as far as it is recorded.
SELECT s.account_id, s.created_at AS since, h.through, coalesce(b.name, CASE WHEN h.by_kind = 'system' THEN '' END) AS by_name
FROM assignment s
LEFT JOIN (
    SELECT account_id, arg_max(actor_id, audit_entry_id) AS by_id, arg_max(actor_kind, audit_entry_id) AS by_kind,
           arg_max(through, audit_entry_id) AS through
    FROM audit_entry
    WHERE entity = 'assignment' AND action = 'created' AND entity_id = $staff_member_id AND account_id IN (SELECT unnest($account_ids))
    GROUP BY account_id
) AS h ON h.account_id = s.account_id
LEFT JOIN staff_member b ON b.staff_member_id = h.by_id AND h.by_kind = 'staff'
WHERE s.staff_member_id = $staff_member_id AND s.account_id IN (SELECT unnest($account_ids))
