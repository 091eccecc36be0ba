-- name: known_sessions
SELECT session_id FROM exam_session;

-- name: sessions_paused
-- Since the first pause that was not ended.
SELECT session_id, (
    SELECT min(paused.at) FROM session_act paused
    WHERE paused.session_id = exam_session.session_id AND paused.act = 'settling_paused'
      AND NOT EXISTS (SELECT FROM session_act resumed
                      WHERE resumed.session_id = paused.session_id AND resumed.act = 'settling_resumed'
                        AND paused.at < resumed.at)
) AS since
FROM exam_session WHERE settling_paused;

-- name: count_waiting
-- Verdicts whose time has come, of every session, by what each still waits for (as `count_due`).
SELECT session_id, why, count(*) AS waiting
FROM (
    SELECT session_id,
           CASE
               WHEN settling_paused THEN 'paused'
               WHEN missing_count > 0 AND NOT coalesce(deadline_at <= :seen_up_at ::timestamptz, false)
                   THEN 'not_seen_up'
               WHEN missing_count > 0
                    AND :logs_read_at ::timestamptz < deadline_at + make_interval(secs => grace_seconds)
                   THEN 'logs_not_read'
               ELSE 'due'
           END AS why
    FROM candidate
    WHERE registration_version > 0
      AND stage IN ('registered', 'awaiting_documents', 'held', 'cancelled')
      AND settled_rev <> evidence_rev
      AND (deadline_at + make_interval(secs => grace_seconds) <= :now ::timestamptz
           OR (missing_count = 0 AND closes_at + make_interval(secs => grace_seconds) <= :now))
) AS ripe
GROUP BY session_id, why;

-- name: spared_objects$
SELECT spared FROM unnamed_sweep;

-- name: undeleted_prefixes$
SELECT count(*) FROM doomed_prefix WHERE failures > 0;

-- name: last_object_look^
SELECT ended_at, gone FROM object_look;
