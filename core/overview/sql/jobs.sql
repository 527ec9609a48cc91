-- Jobs; the stage as a place in its pipeline. The card shows those that are neither completed nor archived.
SELECT j.job_id, j.name, p.name AS pipeline, s.name AS stage, s.place, s.places, j.stage_since_at, j.due_on,
       coalesce(j.due_on < $today AND j.status = 'active', FALSE) AS is_overdue, j.status
FROM job j
JOIN pipeline p ON p.pipeline_id = j.pipeline_id
JOIN (
    SELECT stage_id, name, row_number() OVER (PARTITION BY pipeline_id ORDER BY position, stage_id) AS place,
           count(*) OVER (PARTITION BY pipeline_id) AS places
    FROM stage
) AS s ON s.stage_id = j.stage_id
WHERE j.account_id = $account_id
ORDER BY stage_since_at DESC, job_id DESC
