-- name: recovery_page
-- Whose session is not known are looked at in every session, unless they are gone.
SELECT id AS candidate_id FROM candidate c
WHERE (:after ::uuid IS NULL OR id > :after)
  AND (:session_id ::text IS NULL OR session_id = :session_id
       OR session_id IS NULL AND NOT EXISTS (SELECT FROM tombstone t WHERE t.candidate_id = c.id))
ORDER BY id LIMIT :limit;

-- name: recovery_rows
SELECT c.id AS candidate_id, c.session_id, c.revision, c.reachable, c.open_dead_letters,
       coalesce(m.failed, '{}') AS failed, coalesce(m.late, '{}') AS late,
       coalesce(m.warned_for, '{}') AS warned_for
FROM candidate c
LEFT JOIN (
    SELECT candidate_id,
           array_agg(DISTINCT kind) FILTER (WHERE
               state IN ('failed', 'bounced') AND ended_at > clock_timestamp() - interval '7 days') AS failed,
           array_agg(DISTINCT kind) FILTER (WHERE
               ended_at IS NULL AND due_at < clock_timestamp() - interval '1 hour') AS late,
           array_agg(DISTINCT (facts ->> 'deadline_at')::timestamptz) FILTER (WHERE
               kind = 'reminder' AND accepted_at < (facts ->> 'deadline_at')::timestamptz) AS warned_for
    FROM mail WHERE candidate_id = ANY(:candidate_ids ::uuid[]) GROUP BY candidate_id
) AS m ON m.candidate_id = c.id
WHERE c.id = ANY(:candidate_ids ::uuid[]);

-- name: recovery_gone
SELECT candidate_id FROM tombstone WHERE candidate_id = ANY(:candidate_ids ::uuid[]);

-- name: recovery_sessions
SELECT session_id, revision FROM exam_session;

-- name: recovery_now$
SELECT clock_timestamp();
