-- What others did to an account and its contacts after a moment: by table, how many things. What is only
-- looked at or read, and what the program writes along, is no news.
SELECT h.entity, count(DISTINCT h.entity_id) AS things
FROM audit_entry h
WHERE h.made_at > $since AND NOT h.is_withheld AND h.action IN ('created', 'changed', 'deleted')
  AND NOT (h.actor_kind = 'staff' AND h.actor_id = $member_id)
  AND (h.account_id = $account_id
       OR (h.account_id IS NULL AND h.contact_id IN (SELECT c.contact_id FROM account_contact c WHERE c.account_id = $account_id)))
  AND NOT (h.action = 'changed' AND h.field IN ('seen_at', 'seen_by', 'is_read', 'read_at', 'state', 'photo_id', 'is_primary', 'first_login_at'))
  AND h.entity <> 'turn_set_aside'
GROUP BY h.entity
ORDER BY h.entity
