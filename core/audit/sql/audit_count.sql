-- How many entries fit; the same conditions as audit_ids.
SELECT count(*) AS total FROM audit_entry
WHERE ($since::TIMESTAMP IS NULL OR made_at >= $since) AND ($until::TIMESTAMP IS NULL OR made_at < $until)
  AND ($account_id::BIGINT IS NULL OR account_id = $account_id)
  AND ($actions::VARCHAR[] IS NULL OR list_contains($actions::VARCHAR[], action) = $among)
  AND ($imports::BOOLEAN IS NULL OR (through = 'import' OR action = 'imported') = $imports)
  AND ($kind::VARCHAR IS NULL OR (actor_kind = $kind AND ($person::BIGINT IS NULL OR actor_id = $person))
       OR (actor_kind = 'system' AND entity_id = $person AND entity = $entity AND list_contains($signing::VARCHAR[], action)))
