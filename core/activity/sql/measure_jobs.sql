-- Active jobs by pipeline. *Long* is a job that is in its stage for more than 14 days, and longer than three quarters of the jobs that are
-- in that stage now; there is no history of stages. $fortnight is the day in two weeks, $now this moment.
WITH active AS (
    SELECT j.account_id, j.job_id, j.name, j.pipeline_id, j.stage_id, j.stage_since_at, j.due_on,
           extract(epoch FROM ($now - j.stage_since_at)) / 86400 AS days
    FROM job j
    WHERE j.status = 'active'
), usual AS (
    SELECT a.stage_id, percentile_cont(0.75) WITHIN GROUP (ORDER BY a.days) AS days FROM active a GROUP BY a.stage_id
)
SELECT a.account_id, 'job' AS kind, a.job_id AS item_id, a.name AS title, p.name AS pipeline_name, s.name AS stage, a.stage_since_at,
       CAST(floor(greatest(a.days, 0)) AS INTEGER) AS days, a.due_on, CAST(a.pipeline_id AS VARCHAR) AS pipeline,
       CASE WHEN a.due_on < $today THEN 'overdue' WHEN a.due_on <= $fortnight THEN 'soon' ELSE 'later' END AS due,
       CASE WHEN a.days > 14 AND a.days > u.days THEN 'long' ELSE 'usual' END AS pace
FROM active a
JOIN usual u ON u.stage_id = a.stage_id
LEFT JOIN pipeline p ON p.pipeline_id = a.pipeline_id
LEFT JOIN stage s ON s.stage_id = a.stage_id
