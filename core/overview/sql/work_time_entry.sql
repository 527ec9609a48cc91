-- A time entry for its form.
SELECT time_entry_id, worked_on, job_id, text, minutes, rate, is_billed, staff_member_id, version
FROM time_entry WHERE account_id = $account_id AND time_entry_id = $row_id
