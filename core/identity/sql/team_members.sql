-- All team members, deactivated ones too, with the number of assigned clients that the viewer sees.
SELECT m.staff_member_id, m.name, m.email, m.role, m.is_active, m.version, coalesce(a.assigned, 0) AS assigned
FROM staff_member m
LEFT JOIN (SELECT staff_member_id, count(*) AS assigned FROM assignment GROUP BY staff_member_id) AS a ON a.staff_member_id = m.staff_member_id
ORDER BY m.name COLLATE NOACCENT.NOCASE, m.staff_member_id
