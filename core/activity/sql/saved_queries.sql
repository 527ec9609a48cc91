-- The saved queries the viewer may use: their own first, then those others share.
SELECT q.saved_query_id, q.name, q.is_shared, q.staff_member_id, q.text, q.chart, m.name AS by_name
FROM saved_query q LEFT JOIN staff_member m ON m.staff_member_id = q.staff_member_id
ORDER BY q.staff_member_id <> getvariable('viewer_id'), lower(q.name), q.saved_query_id
