-- name: recovery_page
-- The deleted too: the others must have heard of it. Of a session they are not known.
SELECT candidate_id FROM (
    SELECT id AS candidate_id FROM account WHERE :session_id ::text IS NULL OR session_id = :session_id
    UNION ALL
    SELECT candidate_id FROM tombstone WHERE :session_id ::text IS NULL
) AS everybody
WHERE :after ::uuid IS NULL OR candidate_id > :after
ORDER BY candidate_id LIMIT :limit;

-- name: recovery_rows
SELECT id AS candidate_id, session_id, state, revision, expiry_due_at FROM account
WHERE id = ANY(:candidate_ids ::uuid[]);

-- name: recovery_gone
SELECT candidate_id FROM tombstone WHERE candidate_id = ANY(:candidate_ids ::uuid[]);

-- name: recovery_sessions
SELECT session_id, revision FROM exam_session;
