-- Clients' sign-ins of the last days that look odd, the newest of each address and rule, newest first; {system} names a device's system.
-- After many failures in an hour, many failures in a day, and from a system the address never came from, once it has a habit.
WITH recent AS (
    SELECT DISTINCT l.account_id, l.contact_email_id FROM login l
    WHERE l.tried_at >= $since AND l.contact_email_id IS NOT NULL
      AND ($of_everybody OR l.account_id IN (SELECT s.account_id FROM assignment s WHERE s.staff_member_id = $member_id))),
tried AS (
    SELECT l.login_id, l.account_id, l.contact_email_id, l.contact_id, l.email, l.tried_at, l.device, l.outcome, {system} AS system
    FROM login l JOIN recent r ON r.account_id = l.account_id AND r.contact_email_id = l.contact_email_id),
counted AS (
    SELECT t.*, count(CASE WHEN t.outcome = 'failed' THEN 1 END) OVER (
                    PARTITION BY t.account_id, t.contact_email_id ORDER BY t.tried_at
                    RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW) AS failed_in_hour,
           count(CASE WHEN t.outcome = 'failed' THEN 1 END) OVER (
                    PARTITION BY t.account_id, t.contact_email_id ORDER BY t.tried_at
                    RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) AS failed_in_day,
           row_number() OVER (PARTITION BY t.account_id, t.contact_email_id, t.outcome ORDER BY t.tried_at, t.login_id) AS place,
           row_number() OVER (PARTITION BY t.account_id, t.contact_email_id, t.outcome, t.system ORDER BY t.tried_at, t.login_id)
               AS place_of_system
    FROM tried t),
odd AS (
    SELECT c.*, CASE WHEN c.outcome = 'failed' AND c.failed_in_day >= $many_in_day THEN 'guessed'
                     WHEN c.outcome = 'success' AND c.failed_in_hour >= $many_in_hour THEN 'after_failures'
                     WHEN c.outcome = 'success' AND c.system IS NOT NULL AND c.place_of_system = 1 AND c.place > $habit THEN 'new_system' END AS odd
    FROM counted c WHERE c.tried_at >= $since),
newest AS (
    SELECT o.*, row_number() OVER (PARTITION BY o.account_id, o.contact_email_id, o.odd ORDER BY o.tried_at DESC, o.login_id DESC) AS nth
    FROM odd o WHERE o.odd IS NOT NULL)
SELECT n.login_id, n.account_id, a.name AS client, coalesce(e.holder_name, k.name, n.email) AS who, n.tried_at, n.device, n.odd,
       count(*) OVER () AS total
FROM newest n
JOIN account a ON a.account_id = n.account_id
LEFT JOIN contact k ON k.contact_id = n.contact_id
LEFT JOIN contact_email e ON e.contact_email_id = n.contact_email_id
WHERE n.nth = 1 AND a.archived_at IS NULL
ORDER BY n.tried_at DESC, n.login_id DESC
LIMIT 100
