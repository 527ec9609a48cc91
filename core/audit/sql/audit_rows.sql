-- These entries with the names that can still be looked up; a name a viewer may not see, or that is gone, is NULL.
WITH page AS (
    SELECT *, coalesce(CASE WHEN list_contains($signing::VARCHAR[], action) AND actor_kind = 'system' THEN entity_id END, actor_id) AS who_id,
           CASE WHEN list_contains($signing::VARCHAR[], action) AND actor_kind = 'system' AND entity_id IS NOT NULL
                THEN CASE entity WHEN 'contact_email' THEN 'contact' ELSE 'staff' END ELSE actor_kind END AS who_kind
    FROM audit_entry WHERE audit_entry_id BETWEEN $low AND $high AND list_contains($ids::BIGINT[], audit_entry_id))
SELECT h.audit_entry_id, h.made_at, h.actor_kind, h.who_kind, h.who_id, h.through, h.action, h.entity, h.entity_id, h.account_id, h.contact_id,
       h.field, h.old_value, h.new_value, h.old_erased, h.new_erased, h.is_withheld, k.name AS account, k.number,
       coalesce(m.name, a.email) AS who, c.name AS contact,
       CASE WHEN h.entity LIKE '%_field_value' THEN f.label ELSE coalesce(d.label, g.name, w.name, e.email) END AS label
FROM page h
LEFT JOIN account k ON k.account_id = h.account_id
LEFT JOIN staff_member m ON m.staff_member_id = h.who_id AND h.who_kind = 'staff'
LEFT JOIN contact_email a ON a.contact_email_id = h.who_id AND h.who_kind = 'contact'
LEFT JOIN contact c ON c.contact_id = h.contact_id
LEFT JOIN custom_field f ON f.custom_field_id = h.entity_id AND h.entity LIKE '%_field_value'
LEFT JOIN custom_field d ON d.custom_field_id = h.entity_id AND h.entity = 'custom_field'
LEFT JOIN tag g ON g.tag_id = h.entity_id AND h.entity IN ('account_tag', 'tag')
LEFT JOIN staff_member w ON w.staff_member_id = h.entity_id AND h.entity IN ('assignment', 'staff_member', 'staff_right')
LEFT JOIN contact_email e ON e.contact_email_id = h.entity_id AND h.entity IN ('email_access', 'contact_email')
ORDER BY h.audit_entry_id DESC
