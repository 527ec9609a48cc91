-- How quickly the firm answers: a row for each question of a client between $since and $until, the first message of a block in a
-- conversation (a mail thread, else the partner's address; a chat). Its answer is the firm's next message there, in minutes of office time:
-- $days holds every day of the firm's calendar, $opens the moment it opens, $minutes how long it is open, $before the minutes of all days
-- before. $heard is the moment from which conversations are read, so that blocks are known; $two_days_ago the moment two office days ago.
WITH office AS (
    SELECT unnest(CAST($days AS DATE[])) AS day, unnest(CAST($opens AS TIMESTAMP[])) AS opens,
           unnest(CAST($minutes AS INTEGER[])) AS minutes, unnest(CAST($before AS INTEGER[])) AS before
), said AS (
    SELECT e.account_id, 'email' AS kind, e.email_id AS item_id, e.email_id AS message_id,
           coalesce(e.thread, CASE WHEN e.direction = 'received' THEN e.from_address ELSE e.to_address END) AS conversation,
           e.subject AS title, e.sent_at AS said_at, e.direction = 'received' AS by_client, FALSE AS is_closed
    FROM email e
    WHERE NOT e.has_failed AND e.sent_at >= $heard
    UNION ALL
    SELECT g.account_id, 'chat', g.chat_id, g.chat_message_id, CAST(g.chat_id AS VARCHAR), c.subject, g.sent_at, g.is_from_client, c.is_closed
    FROM chat_message g JOIN chat c ON c.chat_id = g.chat_id
    WHERE g.sent_at >= $heard
), turns AS (
    SELECT s.*, lag(s.by_client) OVER (PARTITION BY s.account_id, s.kind, s.conversation ORDER BY s.said_at, s.message_id) AS client_before,
           min(CASE WHEN NOT s.by_client THEN s.said_at END) OVER (
               PARTITION BY s.account_id, s.kind, s.conversation ORDER BY s.said_at, s.message_id
               ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS answered_at,
           min(CASE WHEN NOT s.by_client THEN s.said_at END) OVER (PARTITION BY s.account_id, s.kind, s.conversation) AS first_ours
    FROM said s
), asked AS (
    SELECT t.*, CAST({local(t.said_at)} AS DATE) AS asked_day, CAST({local(t.answered_at)} AS DATE) AS answered_day
    FROM turns t
    WHERE t.by_client AND coalesce(t.client_before, FALSE) = FALSE AND t.said_at >= $since AND t.said_at < $until
), timed AS (
    SELECT a.*, CASE WHEN a.answered_at IS NOT NULL THEN CAST(round(
               b.before + least(greatest(extract(epoch FROM (a.answered_at - b.opens)) / 60, 0), b.minutes)
               - o.before - least(greatest(extract(epoch FROM (a.said_at - o.opens)) / 60, 0), o.minutes)) AS INTEGER) END AS minutes
    FROM asked a
    JOIN office o ON o.day = a.asked_day
    LEFT JOIN office b ON b.day = a.answered_day
)
SELECT x.account_id, x.kind, x.item_id, x.title, x.said_at AS since_at, CAST(NULL AS DATE) AS since_on, x.said_at AS since,
       x.answered_at, x.minutes,
       CASE WHEN x.answered_at IS NOT NULL THEN 'answered' WHEN x.is_closed OR x.first_ours IS NOT NULL OR x.said_at >= $two_days_ago
            THEN 'open' ELSE 'never' END AS answer,
       CASE WHEN x.minutes <= $office_day THEN 'day' WHEN x.minutes IS NOT NULL THEN 'later' ELSE 'none' END AS pace,
       CAST(CAST(date_trunc('week', x.asked_day) AS DATE) AS VARCHAR) AS week
FROM timed x
