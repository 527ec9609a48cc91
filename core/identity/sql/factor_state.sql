-- Whether the viewer has a second factor, how many unused recovery codes, and the roles that need a factor.
SELECT EXISTS (FROM second_factor WHERE staff_member_id = $viewer_id) AS has,
       (SELECT count(*) FROM recovery_code WHERE staff_member_id = $viewer_id AND used_at IS NULL) AS codes_left,
       (SELECT second_factor_roles FROM firm LIMIT 1) AS roles
