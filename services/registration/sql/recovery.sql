-- name: recovery_page
SELECT candidate_id FROM (
    SELECT candidate_id FROM candidature WHERE :session_id ::text IS NULL OR session_id = :session_id
    UNION ALL
    SELECT candidate_id FROM tombstone WHERE :session_id ::text IS NULL
) AS everybody
WHERE :after ::uuid IS NULL OR candidate_id > :after
ORDER BY candidate_id LIMIT :limit;

-- name: recovery_rows
SELECT c.*, (s.calendar ->> 'spread_seconds')::integer AS spread_seconds
FROM candidature c JOIN exam_session s USING (session_id)
WHERE candidate_id = ANY(:candidate_ids ::uuid[]);

-- name: recovery_gone
SELECT candidate_id FROM tombstone WHERE candidate_id = ANY(:candidate_ids ::uuid[]);

-- name: recovery_sessions
SELECT session_id, revision FROM exam_session;
