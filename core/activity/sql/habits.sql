-- How long clients are usually silent (core/activity/habit.py), from the days on which something came of them. What clients did and
-- the clock of the firm are put in.
WITH active AS (
    SELECT DISTINCT x.account_id, CAST({local} AS DATE) AS day FROM ({acts}) AS x WHERE moment >= $since
), gap AS (
    SELECT a.account_id, a.day - lag(a.day) OVER (PARTITION BY a.account_id ORDER BY a.day) AS days FROM active a
), span AS (
    SELECT a.account_id, count(*) AS active_days, max(a.day) - min(a.day) AS days FROM active a GROUP BY a.account_id
), longest AS (
    SELECT g.account_id, g.days, row_number() OVER w AS k, sum(g.days) OVER w AS upto
    FROM gap g WHERE g.days IS NOT NULL
    WINDOW w AS (PARTITION BY g.account_id ORDER BY g.days DESC ROWS UNBOUNDED PRECEDING)
)
SELECT s.account_id,
       CAST(CASE WHEN s.active_days >= $least_days AND s.days >= $least_span THEN ceil(max((l.upto - 0.02 * s.days) / l.k)) END AS INTEGER) AS usual_days,
       CAST(max(l.days) AS INTEGER) AS longest_days, CAST(s.active_days AS INTEGER) AS active_days, $today AS made_on
FROM span s
LEFT JOIN longest l ON l.account_id = s.account_id
GROUP BY s.account_id, s.active_days, s.days
ORDER BY s.account_id
