-- Time worked for the account, newest first: one's own, unless the right says all (the view decides).
SELECT e.time_entry_id, e.worked_on, m.name AS member, coalesce(j.name, e.text) AS job, e.minutes, e.amount, e.is_billed, e.text
FROM time_entry e
LEFT JOIN staff_member m ON m.staff_member_id = e.staff_member_id
LEFT JOIN (SELECT job_id, name FROM job WHERE account_id = $account_id) AS j ON j.job_id = e.job_id
WHERE e.account_id = $account_id
ORDER BY worked_on DESC, time_entry_id DESC
