-- Numbers of the entries that fit, within a stretch of the record; newest first, or (going up) oldest first.
-- Sign-ins are written by the program: they count for the person who signed in, or failed to.
SELECT audit_entry_id FROM audit_entry
WHERE audit_entry_id BETWEEN $low AND $high
  AND ($since::TIMESTAMP IS NULL OR made_at >= $since) AND ($until::TIMESTAMP IS NULL OR made_at < $until)
  AND ($account_id::BIGINT IS NULL OR account_id = $account_id)
  AND ($actions::VARCHAR[] IS NULL OR list_contains($actions::VARCHAR[], action) = $among)
  AND ($imports::BOOLEAN IS NULL OR (through = 'import' OR action = 'imported') = $imports)
  AND ($kind::VARCHAR IS NULL OR (actor_kind = $kind AND ($person::BIGINT IS NULL OR actor_id = $person))
       OR (actor_kind = 'system' AND entity_id = $person AND entity = $entity AND list_contains($signing::VARCHAR[], action)))
ORDER BY CASE WHEN $upwards THEN audit_entry_id ELSE -audit_entry_id END
LIMIT $at_most
