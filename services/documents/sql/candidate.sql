-- name: lock_candidate^
SELECT * FROM candidate WHERE candidate_id = :candidate_id FOR UPDATE;

-- name: read_candidate^
SELECT * FROM candidate WHERE candidate_id = :candidate_id;

-- name: serialise_missing!
-- While there is no row to lock, its making and its erasure wait for each other here.
SELECT pg_advisory_xact_lock(hashtextextended('candidate:' || :candidate_id ::uuid ::text, 0));

-- name: is_erased$
SELECT EXISTS (SELECT FROM tombstone WHERE candidate_id = :candidate_id);

-- name: create_candidate^
-- The share lock: a calendar that changes meanwhile must find this row to change it too.
INSERT INTO candidate
       (candidate_id, session_id, closes_at, deadline_at, grace_seconds, fault_window_seconds,
        open_dead_letters, unreachable, settling_paused, service_fault_at)
SELECT :candidate_id ::uuid, session_id,
       (calendar ->> 'closes_at')::timestamptz, (calendar ->> 'deadline_at')::timestamptz,
       (calendar ->> 'grace_seconds')::integer, (calendar ->> 'fault_window_seconds')::integer,
       :open_dead_letters ::integer,
       EXISTS (SELECT FROM reachability r WHERE r.candidate_id = :candidate_id AND r.unreachable),
       settling_paused,
       (SELECT max(least(o.to_at, (calendar ->> 'deadline_at')::timestamptz - interval '1 millisecond'))
        FROM outage o
        WHERE o.session_id = :session_id AND o.from_at < (calendar ->> 'deadline_at')::timestamptz
          AND (o.deadlines_before IS NULL OR (calendar ->> 'deadline_at')::timestamptz < o.deadlines_before))
FROM exam_session WHERE session_id = :session_id
FOR SHARE
RETURNING *;

-- name: write_candidate!
UPDATE candidate SET
    revision = :revision,
    registration_revision = :registration_revision,
    releases_heard = :releases_heard,
    stage = :stage,
    closes_at = :closes_at,
    deadline_at = :deadline_at,
    own_deadline_at = :own_deadline_at,
    checklist_revision = :checklist_revision,
    registration_version = :registration_version,
    version_saved_at = :version_saved_at,
    missing_count = :missing_count,
    to_judge_count = :to_judge_count,
    lost_count = :lost_count,
    evidence_rev = :evidence_rev,
    faults = :faults,
    fault_at = :fault_at,
    service_fault_at = :service_fault_at,
    hindered_from = :hindered_from,
    hindered_until = :hindered_until,
    released_at = :released_at,
    unreachable = :unreachable,
    warned_for = :warned_for,
    reminder_due_at = :reminder_due_at
WHERE candidate_id = :candidate_id;

-- name: count_dead_letters!
-- A dead letter changes what the verdict says, so it changes the evidence.
UPDATE candidate SET open_dead_letters = :open_dead_letters, evidence_rev = evidence_rev + 1
WHERE candidate_id = :candidate_id AND open_dead_letters <> :open_dead_letters;

-- name: hear_reachability$
-- The newest word alone: null for an older one.
INSERT INTO reachability (candidate_id, revision, unreachable) VALUES (:candidate_id, :revision, :unreachable)
ON CONFLICT (candidate_id) DO UPDATE SET revision = excluded.revision, unreachable = excluded.unreachable
WHERE reachability.revision < excluded.revision
RETURNING unreachable;

-- name: last_reachability$
SELECT unreachable FROM reachability WHERE candidate_id = :candidate_id;

-- name: forget_reachability!
DELETE FROM reachability WHERE candidate_id = :candidate_id;

-- name: erase_candidate!
DELETE FROM candidate WHERE candidate_id = :candidate_id;

-- name: bury!
INSERT INTO tombstone (candidate_id) VALUES (:candidate_id) ON CONFLICT DO NOTHING;

-- name: doom_objects!
INSERT INTO doomed_prefix (candidate_id) VALUES (:candidate_id) ON CONFLICT DO NOTHING;

-- name: store_calendar!
INSERT INTO exam_session (session_id, revision, calendar) VALUES (:session_id, :revision, :calendar)
ON CONFLICT (session_id) DO UPDATE SET revision = excluded.revision, calendar = excluded.calendar
WHERE exam_session.revision < excluded.revision;

-- name: copy_calendar!
UPDATE candidate SET
    closes_at = greatest(closes_at, :closes_at),
    grace_seconds = :grace_seconds,
    fault_window_seconds = :fault_window_seconds,
    evidence_rev = evidence_rev + 1
WHERE session_id = :session_id
  AND (closes_at, grace_seconds, fault_window_seconds)
      IS DISTINCT FROM (greatest(closes_at, :closes_at ::timestamptz), :grace_seconds ::integer, :fault_window_seconds ::integer);

-- name: read_calendar$
SELECT calendar FROM exam_session WHERE session_id = :session_id;
