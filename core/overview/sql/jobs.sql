-- Jobs that are neither completed nor archived; the stage as a place in its pipeline.
SELECT j.job_id, j.name, p.name AS pipeline, s.name AS stage, s.place, s.places, j.stage_since_at, j.due_on,
       coalesce(j.due_on < $today, FALSE) AS is_overdue
FROM job j
JOIN pipeline p ON p.pipeline_id = j.pipeline_id
JOIN (
    SELECT stage_id, name, row_number() OVER (PARTITION BY pipeline_id ORDER BY position, stage_id) AS place,
           count(*) OVER (PARTITION BY pipeline_id) AS places
    FROM stage
) AS s ON s.stage_id = j.stage_id
WHERE j.account_id = $account_id AND j.status = 'active'
ORDER BY stage_since_at DESC, job_id DESC
