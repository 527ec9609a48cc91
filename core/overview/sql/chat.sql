-- One chat of the account.
SELECT chat_id, subject, is_closed, read_at, last_message_at, last_is_from_client, version
FROM chat
WHERE account_id = $account_id AND chat_id = $chat_id
