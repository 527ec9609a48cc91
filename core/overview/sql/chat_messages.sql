-- The messages of one chat, oldest first.
SELECT g.chat_message_id, g.sent_at, g.is_from_client, coalesce(c.name, m.name) AS by_name, g.text
FROM chat_message g
LEFT JOIN contact c ON c.contact_id = g.contact_id
LEFT JOIN staff_member m ON m.staff_member_id = g.staff_member_id
WHERE g.account_id = $account_id AND g.chat_id = $chat_id
ORDER BY g.sent_at, g.chat_message_id
