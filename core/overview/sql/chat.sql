-- One chat of the account, with the number of its messages.
SELECT ch.chat_id, ch.subject, ch.is_closed, ch.read_at, ch.last_message_at, ch.last_is_from_client, ch.version,
       (SELECT count(*) FROM chat_message WHERE account_id = $account_id AND chat_id = $chat_id) AS message_count
FROM chat ch
WHERE ch.account_id = $account_id AND ch.chat_id = $chat_id
