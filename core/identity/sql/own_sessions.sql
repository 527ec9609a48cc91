-- The viewer's own living sessions: the present one first, then by last use.
SELECT session_id, created_at, last_used_at, network_address, user_agent, session_id = coalesce($mine, 0) AS is_this
FROM session WHERE ended_at IS NULL AND last_used_at > $used_after AND created_at > $made_after
ORDER BY is_this DESC, last_used_at DESC, session_id
