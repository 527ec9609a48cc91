-- One job of the account, with its place in its pipeline.
SELECT j.job_id, j.name, p.name AS pipeline, j.pipeline_id, j.stage_id, j.status, j.created_at, j.stage_since_at, j.due_on
FROM job j
JOIN pipeline p ON p.pipeline_id = j.pipeline_id
WHERE j.account_id = $account_id AND j.job_id = $job_id
