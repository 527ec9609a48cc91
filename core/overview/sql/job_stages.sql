-- The stages of one job's pipeline, in order: where the job is, and when the record says that it came to each.
SELECT s.stage_id, s.name, row_number() OVER (ORDER BY s.position, s.stage_id) AS place, s.stage_id = j.stage_id AS is_current,
       CASE WHEN s.stage_id = j.stage_id THEN j.stage_since_at ELSE r.reached_at END AS reached_at
FROM job j
JOIN stage s ON s.pipeline_id = j.pipeline_id
LEFT JOIN (
    SELECT new_value AS stage_id, max(made_at) AS reached_at
    FROM audit_entry
    WHERE account_id = $account_id AND entity = 'job' AND entity_id = $job_id AND field = 'stage_id'
    GROUP BY new_value
) AS r ON r.stage_id = CAST(s.stage_id AS VARCHAR)
WHERE j.account_id = $account_id AND j.job_id = $job_id
ORDER BY place
