-- The cohorts the viewer may use, their own first, and how many clients of a kept one the viewer sees.
SELECT c.cohort_id, c.name, c.kind, c.definition, c.is_shared, c.staff_member_id, c.found_at, c.needed_rights, m.name AS by_name, x.clients
FROM cohort c
LEFT JOIN staff_member m ON m.staff_member_id = c.staff_member_id
LEFT JOIN (SELECT k.cohort_id, count(*) AS clients FROM cohort_account k GROUP BY k.cohort_id) AS x ON x.cohort_id = c.cohort_id
ORDER BY CASE WHEN c.staff_member_id = getvariable('viewer_id') THEN 0 ELSE 1 END, lower(c.name), c.cohort_id
