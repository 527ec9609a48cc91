-- The saved views the viewer may use: their own first, then those others share.
SELECT v.saved_view_id, v.name, v.is_shared, v.staff_member_id, v.definition, m.name AS by_name
FROM saved_view v LEFT JOIN staff_member m ON m.staff_member_id = v.staff_member_id
ORDER BY v.staff_member_id <> getvariable('viewer_id'), lower(v.name), v.saved_view_id
