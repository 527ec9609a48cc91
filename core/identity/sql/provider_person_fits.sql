-- Whether the provider's person may sign in as this member: the same as before, or, without one, one of no other member; for the system only.
SELECT coalesce(
    (SELECT p.subject_hash = $subject_hash FROM provider_person p
     WHERE p.staff_member_id = $staff_member_id AND p.issuer = $issuer AND p.known_as = $known_as),
    NOT EXISTS (FROM provider_person p JOIN staff_member m USING (staff_member_id)
                WHERE p.subject_hash = $subject_hash AND p.issuer = $issuer AND p.known_as = $known_as AND m.is_active))
