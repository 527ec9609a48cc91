-- How soon uploads are seen: a row for each upload of a client between $since and $until, in minutes of office time until somebody of the
-- firm opened it. $days, $opens, $minutes and $before are the office's days, as in measure_response.
WITH office AS (
    SELECT unnest(CAST($days AS DATE[])) AS day, unnest(CAST($opens AS TIMESTAMP[])) AS opens,
           unnest(CAST($minutes AS INTEGER[])) AS minutes, unnest(CAST($before AS INTEGER[])) AS before
), upload AS (
    SELECT d.account_id, d.document_id, d.name, d.uploaded_at, d.seen_at, CAST({local(d.uploaded_at)} AS DATE) AS up_day,
           CAST({local(d.seen_at)} AS DATE) AS seen_day
    FROM document d
    WHERE d.is_from_client AND d.uploaded_at >= $since AND d.uploaded_at < $until
), timed AS (
    SELECT u.*, CASE WHEN u.seen_at IS NOT NULL THEN CAST(round(greatest(
               b.before + least(greatest(extract(epoch FROM (u.seen_at - b.opens)) / 60, 0), b.minutes)
               - o.before - least(greatest(extract(epoch FROM (u.uploaded_at - o.opens)) / 60, 0), o.minutes), 0)) AS INTEGER) END AS minutes
    FROM upload u
    JOIN office o ON o.day = u.up_day
    LEFT JOIN office b ON b.day = u.seen_day
)
SELECT t.account_id, 'document' AS kind, t.document_id AS item_id, t.name AS title, t.uploaded_at AS since_at, CAST(NULL AS DATE) AS since_on,
       t.uploaded_at AS since, t.seen_at, t.minutes,
       CASE WHEN t.seen_at IS NULL THEN 'unseen' WHEN t.minutes <= $office_day THEN 'day' ELSE 'later' END AS seen
FROM timed t
