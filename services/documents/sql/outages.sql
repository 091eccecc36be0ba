-- name: seen^
-- The last beat, and until when the gateways' logs are taken for read: null where none is.
SELECT (SELECT beat_at FROM service_beat) AS up_at, (SELECT read_at FROM gateway_logs_read) AS logs_read_at;

-- name: lock_beat$
SELECT beat_at FROM service_beat FOR UPDATE;

-- name: write_beat!
INSERT INTO service_beat (beat_at) VALUES (:now)
ON CONFLICT (one) DO UPDATE SET beat_at = greatest(service_beat.beat_at, excluded.beat_at);

-- name: share_outages!
-- Before the row's lock, by whoever makes a row or moves its deadline: the outages read then are all there are.
SELECT pg_advisory_xact_lock_shared(hashtextextended('outages', 0));

-- name: alone_with_outages!
SELECT pg_advisory_xact_lock(hashtextextended('outages', 0));

-- name: running_sessions
SELECT session_id FROM exam_session
WHERE (calendar ->> 'opens_at')::timestamptz < :to_at AND :from_at < (calendar ->> 'ends_at')::timestamptz;

-- name: add_outage$
INSERT INTO outage (session_id, from_at, to_at, deadlines_before, cause, kept_at)
VALUES (:session_id, :from_at, :to_at, :deadlines_before, :cause, :kept_at)
RETURNING outage_id;

-- name: apply_outage
-- Other evidence only where it may change the verdict: within the window, and incomplete.
UPDATE candidate SET
    service_fault_at = least(:to_at ::timestamptz, deadline_at - interval '1 millisecond'),
    evidence_rev = evidence_rev + CASE
        WHEN missing_count > 0
             AND least(:to_at, deadline_at - interval '1 millisecond')
                 >= deadline_at - make_interval(secs => fault_window_seconds) THEN 1
        ELSE 0
    END
WHERE session_id = :session_id
  AND :from_at ::timestamptz < deadline_at
  AND (:deadlines_before ::timestamptz IS NULL OR deadline_at < :deadlines_before)
  AND (service_fault_at IS NULL
       OR service_fault_at < least(:to_at, deadline_at - interval '1 millisecond'))
RETURNING stage;

-- name: service_fault$
-- Whoever released has looked at what was known by then.
SELECT max(least(to_at, :deadline_at ::timestamptz - interval '1 millisecond')) FROM outage
WHERE session_id = :session_id AND from_at < :deadline_at
  AND (deadlines_before IS NULL OR :deadline_at < deadlines_before)
  AND (:released_at ::timestamptz IS NULL OR :released_at < kept_at);

-- name: pause_session$
UPDATE exam_session SET settling_paused = :paused WHERE session_id = :session_id
RETURNING session_id;

-- name: pause_rows!
UPDATE candidate SET settling_paused = :paused
WHERE session_id = :session_id AND settling_paused <> :paused;

-- name: add_session_act!
INSERT INTO session_act (session_id, act, outage_id, reason, actor, at)
VALUES (:session_id, :act, :outage_id, :reason, :actor, :at);

-- name: read_session^
SELECT session_id, settling_paused FROM exam_session WHERE session_id = :session_id;

-- name: read_outages
SELECT outage_id, from_at, to_at, deadlines_before, cause FROM outage WHERE session_id = :session_id ORDER BY from_at;

-- name: read_session_acts
SELECT act, outage_id, reason, actor, at FROM session_act WHERE session_id = :session_id ORDER BY at, act_id;
