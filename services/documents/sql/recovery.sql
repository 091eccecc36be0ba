-- name: recovery_page
SELECT candidate_id FROM (
    SELECT candidate_id FROM candidate WHERE :session_id ::text IS NULL OR session_id = :session_id
    UNION ALL
    SELECT candidate_id FROM tombstone WHERE :session_id ::text IS NULL
) AS everybody
WHERE :after ::uuid IS NULL OR candidate_id > :after
ORDER BY candidate_id LIMIT :limit;

-- name: recovery_rows
-- The evidence counted anew for many, as `count_evidence` does for one.
SELECT c.*, coalesce(e.missing, 0) AS missing_counted, coalesce(e.to_judge, 0) AS to_judge_counted,
       coalesce(e.lost, 0) AS lost_counted,
       r.unreachable AS unreachable_told, coalesce(r.revision, 0) AS reachability_revision, s.calendar
FROM candidate c
JOIN exam_session s USING (session_id)
LEFT JOIN reachability r USING (candidate_id)
LEFT JOIN (
    SELECT candidate_id,
           count(*) FILTER (WHERE due AND NOT counts)::integer AS missing,
           count(*) FILTER (WHERE due AND NOT counts AND lost)::integer AS lost, sum(to_judge)::integer AS to_judge
    FROM (
        SELECT p.candidate_id, p.due,
               count(*) FILTER (WHERE f.state = 'to_judge') AS to_judge,
               coalesce(bool_or((f.state = 'accepted' OR f.state = 'received' AND f.lost_at IS NULL)
                                AND (NOT p.confirmation
                                     OR f.arrived_at >= o.version_saved_at
                                        AND coalesce(f.read_version >= o.registration_version, true))), false) AS counts,
               coalesce(bool_or(f.state = 'received' AND f.lost_at IS NOT NULL
                                AND (NOT p.confirmation
                                     OR f.arrived_at >= o.version_saved_at
                                        AND coalesce(f.read_version >= o.registration_version, true))), false) AS lost
        FROM piece p
        JOIN candidate o USING (candidate_id)
        LEFT JOIN file f ON f.candidate_id = p.candidate_id AND f.piece = p.piece
        WHERE p.candidate_id = ANY(:candidate_ids ::uuid[])
        GROUP BY p.candidate_id, p.piece
    ) AS one
    GROUP BY candidate_id
) AS e USING (candidate_id)
WHERE c.candidate_id = ANY(:candidate_ids ::uuid[]);

-- name: recovery_gone
SELECT candidate_id FROM tombstone WHERE candidate_id = ANY(:candidate_ids ::uuid[]);

-- name: recovery_lost
-- The files that the store has lost and that leave a piece without any that can still be shown, those an officer had
-- accepted included; not of a session that is over.
WITH counting AS (
    SELECT f.candidate_id, f.piece, f.file_id, f.lost_at
    FROM file f
    JOIN piece p USING (candidate_id, piece)
    JOIN candidate o USING (candidate_id)
    JOIN exam_session s USING (session_id)
    WHERE f.candidate_id = ANY(:candidate_ids ::uuid[]) AND p.due AND f.state IN ('received', 'accepted')
      AND (NOT p.confirmation
           OR f.arrived_at >= o.version_saved_at AND coalesce(f.read_version >= o.registration_version, true))
      AND :now < (s.calendar ->> 'ends_at')::timestamptz
)
SELECT candidate_id, file_id FROM counting
WHERE lost_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM counting other
                  WHERE other.candidate_id = counting.candidate_id AND other.piece = counting.piece
                    AND other.lost_at IS NULL)
ORDER BY candidate_id, file_id;

-- name: recovery_undeleted
SELECT candidate_id FROM doomed_prefix WHERE candidate_id = ANY(:candidate_ids ::uuid[]) AND failures > 0;

-- name: recovery_sessions
SELECT session_id, revision FROM exam_session;
