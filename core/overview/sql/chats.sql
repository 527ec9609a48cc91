-- Conversations, last message first. Whose turn: ours while the client wrote last; read counts for the whole firm.
SELECT ch.chat_id, ch.subject, ch.last_message, ch.last_by_name, ch.last_message_at,
       CASE WHEN ch.is_closed THEN 'closed' WHEN ch.last_is_from_client THEN 'us' ELSE 'client' END AS turn,
       ch.last_is_from_client AND NOT ch.is_closed AS waits_for_us,
       ch.last_is_from_client AND (ch.read_at IS NULL OR ch.read_at < ch.last_message_at) AS is_unread
FROM chat ch
WHERE ch.account_id = $account_id
ORDER BY last_message_at DESC, chat_id DESC
