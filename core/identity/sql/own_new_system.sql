-- The viewer's newest living session, but the present one, that began on a system no session of theirs had been on; {system} names it.
WITH placed AS (
    SELECT s.*, row_number() OVER (ORDER BY s.created_at, s.session_id) AS place,
           row_number() OVER (PARTITION BY {system} ORDER BY s.created_at, s.session_id) AS place_of_system, {system} AS system
    FROM session s)
SELECT session_id, created_at, user_agent FROM placed
WHERE system IS NOT NULL AND place > $habit AND place_of_system = 1 AND session_id <> coalesce($mine, 0)
  AND ended_at IS NULL AND last_used_at > $used_after AND created_at > $made_after
ORDER BY created_at DESC LIMIT 1
