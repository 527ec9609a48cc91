-- The record of an account and of its contacts, newest first. Other accounts of a contact are not told of.
SELECT h.audit_entry_id, h.made_at, h.actor_kind, h.actor_id, h.through, h.action, h.entity, h.entity_id, h.account_id, h.contact_id,
       h.field, h.old_value, h.new_value, h.old_erased, h.new_erased, coalesce(m.name, a.email) AS who, c.name AS contact,
       coalesce(f.label, g.name, w.name, e.email) AS label, f.type, count(*) OVER () AS total
FROM audit_entry h
LEFT JOIN staff_member m ON m.staff_member_id = h.actor_id AND h.actor_kind = 'staff'
LEFT JOIN contact_email a ON a.contact_email_id = h.actor_id AND h.actor_kind = 'contact'
LEFT JOIN contact c ON c.contact_id = h.contact_id
LEFT JOIN custom_field f ON f.custom_field_id = h.entity_id AND h.entity IN ('account_field_value', 'contact_field_value')
LEFT JOIN tag g ON g.tag_id = h.entity_id AND h.entity = 'account_tag'
LEFT JOIN staff_member w ON w.staff_member_id = h.entity_id AND h.entity = 'assignment'
LEFT JOIN contact_email e ON e.contact_email_id = h.entity_id AND h.entity IN ('email_access', 'contact_email')
WHERE (h.account_id = $account_id
       OR (h.account_id IS NULL AND h.contact_id IN (SELECT contact_id FROM account_contact WHERE account_id = $account_id)))
  AND h.action <> 'refused'
  AND NOT (h.action = 'deleted' AND coalesce(h.field IN ('account_id', 'created_at', h.entity || '_id')
           OR (h.entity IN ('email_access', 'contact_email') AND h.field IN ('contact_id', 'contact_email_id')), FALSE))
  AND ($sees_money OR h.entity NOT IN ('invoice', 'invoice_line', 'payment', 'credit'))
  AND ($sees_time OR h.entity <> 'time_entry')
  AND ($member IS NULL OR (h.actor_kind = $kind AND h.actor_id = $member))
  AND ($entity IS NULL OR h.entity = $entity)
  AND ($field IS NULL OR h.field = $field)
  AND ($custom_field_id IS NULL OR (h.entity_id = $custom_field_id AND h.entity IN ('account_field_value', 'contact_field_value')))
  -- What others did after a moment ($since; of the client itself: without the things that a widget lists, $listed).
  AND ($since IS NULL OR (h.made_at > $since AND NOT h.is_withheld AND h.action IN ('created', 'changed', 'deleted')
       AND NOT (h.actor_kind = 'staff' AND h.actor_id = $member_id) AND h.entity <> 'turn_set_aside'
       AND position(' ' || h.entity || ' ' IN $listed) = 0
       AND NOT (h.action = 'changed'
                AND coalesce(h.field, '') IN ('seen_at', 'seen_by', 'is_read', 'read_at', 'state', 'photo_id', 'is_primary', 'first_login_at'))))
ORDER BY h.audit_entry_id DESC
LIMIT $at_most OFFSET $after
