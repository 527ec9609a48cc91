-- Messages of one chat, oldest first: those from $first to $last, counted from the first one (1), each with how many there are.
SELECT g.chat_message_id, g.sent_at, g.is_from_client, coalesce(c.name, m.name) AS by_name, g.text, g.place
FROM (
    SELECT *, row_number() OVER (ORDER BY sent_at, chat_message_id) AS place
    FROM chat_message
    WHERE account_id = $account_id AND chat_id = $chat_id
) AS g
LEFT JOIN contact c ON c.contact_id = g.contact_id
LEFT JOIN staff_member m ON m.staff_member_id = g.staff_member_id
WHERE g.place BETWEEN $first AND $last
ORDER BY g.place
