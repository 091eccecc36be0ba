-- The verdict. Each statement tests columns of the row it locks and of no other table: with a look into another
-- it would wait for the lock and then decide in spite of evidence just committed. `seen_up_at`, the last beat, and
-- `logs_read_at` are read before: they only grow, and the beat that ends an outage commits with what the outage did
-- to the rows, as the logs' reading comes after what it put there. Nobody but the complete is settled before the
-- service was seen up after their deadline, and the gateways' logs were read after their grace.

-- name: settle_one^
UPDATE candidate SET
    verdict = CASE
        WHEN missing_count = 0 THEN 'complete'
        WHEN open_dead_letters > 0 OR to_judge_count > 0 OR lost_count > 0 OR unreachable
             OR ((reminder_due_at < deadline_at OR deadline_at = ANY(reminded_for))
                 AND deadline_at <> ALL(warned_for))
             OR greatest(fault_at, service_fault_at)
                >= deadline_at - make_interval(secs => fault_window_seconds) THEN 'held'
        ELSE 'incomplete'
    END,
    settled_rev = evidence_rev,
    settled_version = registration_version,
    settled_deadline_at = deadline_at,
    settled_at = :now ::timestamptz,
    revision = revision + 1
WHERE candidate_id = :candidate_id
  AND registration_version > 0
  AND stage IN ('registered', 'awaiting_documents', 'held', 'cancelled')
  AND settled_rev <> evidence_rev
  AND NOT settling_paused
  AND (missing_count = 0
       OR (deadline_at <= :seen_up_at ::timestamptz
           AND (:logs_read_at ::timestamptz IS NULL
                OR deadline_at + make_interval(secs => grace_seconds) <= :logs_read_at)))
  AND (deadline_at + make_interval(secs => grace_seconds) <= :now
       OR (missing_count = 0 AND closes_at + make_interval(secs => grace_seconds) <= :now))
RETURNING *;

-- name: settle_batch
-- The same for many. Rows that somebody holds are left behind: count, do not trust an empty batch.
WITH due AS (
    SELECT candidate_id FROM candidate
    WHERE session_id = :session_id
      AND registration_version > 0
      AND stage IN ('registered', 'awaiting_documents', 'held', 'cancelled')
      AND settled_rev <> evidence_rev
      AND NOT settling_paused
      AND (missing_count = 0
           OR (deadline_at <= :seen_up_at ::timestamptz
               AND (:logs_read_at ::timestamptz IS NULL
                    OR deadline_at + make_interval(secs => grace_seconds) <= :logs_read_at)))
      AND (deadline_at + make_interval(secs => grace_seconds) <= :now ::timestamptz
           OR (missing_count = 0 AND closes_at + make_interval(secs => grace_seconds) <= :now))
    ORDER BY candidate_id
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
UPDATE candidate SET
    verdict = CASE
        WHEN missing_count = 0 THEN 'complete'
        WHEN open_dead_letters > 0 OR to_judge_count > 0 OR lost_count > 0 OR unreachable
             OR ((reminder_due_at < deadline_at OR deadline_at = ANY(reminded_for))
                 AND deadline_at <> ALL(warned_for))
             OR greatest(fault_at, service_fault_at)
                >= deadline_at - make_interval(secs => fault_window_seconds) THEN 'held'
        ELSE 'incomplete'
    END,
    settled_rev = evidence_rev,
    settled_version = registration_version,
    settled_deadline_at = deadline_at,
    settled_at = :now,
    revision = revision + 1
FROM due
WHERE candidate.candidate_id = due.candidate_id
RETURNING candidate.*;

-- name: count_due^
-- `withheld`: their time has come, but settling is paused, the service was not seen up since
-- their deadline, or the gateways' logs were not read.
SELECT count(*) FILTER (WHERE may) AS due, count(*) FILTER (WHERE NOT may) AS withheld
FROM (
    SELECT NOT settling_paused
           AND (missing_count = 0
                OR (coalesce(deadline_at <= :seen_up_at ::timestamptz, false)
                    AND (:logs_read_at ::timestamptz IS NULL
                         OR deadline_at + make_interval(secs => grace_seconds) <= :logs_read_at))) AS may
    FROM candidate
    WHERE session_id = :session_id
      AND registration_version > 0
      AND stage IN ('registered', 'awaiting_documents', 'held', 'cancelled')
      AND settled_rev <> evidence_rev
      AND (deadline_at + make_interval(secs => grace_seconds) <= :now ::timestamptz
           OR (missing_count = 0 AND closes_at + make_interval(secs => grace_seconds) <= :now))
) AS ripe;

-- name: remind^
-- At most one reminder for (candidate, kind, deadline), never to the complete, never within the gap.
UPDATE candidate SET
    reminded = reminded || to_jsonb(:cause ::text),
    reminded_for = CASE WHEN deadline_at = ANY(reminded_for) THEN reminded_for ELSE reminded_for || deadline_at END,
    last_reminded_at = :now ::timestamptz,
    revision = revision + 1
WHERE candidate_id = :candidate_id
  AND registration_version > 0
  AND stage IN ('registered', 'awaiting_documents')
  AND missing_count > 0
  AND deadline_at = :deadline_at ::timestamptz
  AND :now < deadline_at
  AND NOT reminded ? :cause
  AND (last_reminded_at IS NULL OR last_reminded_at + :gap ::interval <= :now)
RETURNING *;
