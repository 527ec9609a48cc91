-- Time that was not billed yet, by the age of the day it was worked on.
SELECT e.account_id, 'time_entry' AS kind, e.time_entry_id AS item_id, coalesce(e.text, '') AS title, e.worked_on, m.name AS member,
       e.minutes, e.amount,
       CASE WHEN $today - e.worked_on <= 30 THEN 'd30' WHEN $today - e.worked_on <= 60 THEN 'd60' WHEN $today - e.worked_on <= 90 THEN 'd90'
            WHEN $today - e.worked_on <= 180 THEN 'd180' ELSE 'older' END AS worked,
       CASE WHEN $today - e.worked_on > 60 THEN 'old' ELSE 'new' END AS aged
FROM time_entry e
LEFT JOIN staff_member m ON m.staff_member_id = e.staff_member_id
WHERE NOT e.is_billed
