-- The language a team member chose, if any.
SELECT language FROM staff_member WHERE staff_member_id = $viewer_id
