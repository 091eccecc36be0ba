-- name: install_session$
INSERT INTO exam_session
       (session_id, session_key, revision, calendar, opens_at, closes_at, deadline_at, grace_seconds)
VALUES (:session_id, :session_key, 1, :calendar, :opens_at, :closes_at, :deadline_at, :grace_seconds)
ON CONFLICT (session_id) DO NOTHING
RETURNING revision;

-- name: read_session^
SELECT session_id, session_key, revision, calendar FROM exam_session WHERE session_id = :session_id;

-- name: lock_session^
SELECT session_id, session_key, revision, calendar FROM exam_session
WHERE session_id = :session_id FOR UPDATE;

-- name: current_session^
-- The session whose window is open, of several the one that closes first; none open: the next to open, else the
-- one opened last. `accounts` opens an account in the same one.
SELECT session_id, session_key, revision, calendar FROM exam_session
ORDER BY
    CASE WHEN opens_at <= :now ::timestamptz AND :now < closes_at THEN 0 WHEN :now < opens_at THEN 1 ELSE 2 END,
    CASE WHEN opens_at <= :now AND :now < closes_at THEN closes_at WHEN :now < opens_at THEN opens_at END,
    opens_at DESC,
    session_id
LIMIT 1;

-- name: move_session!
UPDATE exam_session SET revision = :revision, calendar = :calendar, deadline_at = :deadline_at
WHERE session_id = :session_id;

-- name: write_session_journal!
INSERT INTO session_journal (session_id, at, actor, act, reason, facts)
VALUES (:session_id, :at, :actor, :act, :reason, :facts);

-- name: close_window_of^
-- One candidate's end of the window: tests columns of the locked row alone.
UPDATE candidature SET
    stage = CASE WHEN stage = 'activated' THEN 'not_registered' ELSE 'awaiting_documents' END,
    decided_at = CASE WHEN stage = 'activated' THEN :now ::timestamptz END,
    revision = revision + 1
WHERE candidate_id = :candidate_id
  AND stage IN ('activated', 'registered')
  AND closes_at + make_interval(secs => grace_seconds) <= :now
RETURNING *;

-- name: close_window_batch
-- The same statement for many. Rows that somebody holds are left behind: count, do not trust an empty batch.
WITH due AS (
    SELECT candidate_id FROM candidature
    WHERE session_id = :session_id
      AND stage IN ('activated', 'registered')
      AND closes_at + make_interval(secs => grace_seconds) <= :now ::timestamptz
    ORDER BY candidate_id
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
UPDATE candidature SET
    stage = CASE WHEN stage = 'activated' THEN 'not_registered' ELSE 'awaiting_documents' END,
    decided_at = CASE WHEN stage = 'activated' THEN :now END,
    revision = revision + 1
FROM due
WHERE candidature.candidate_id = due.candidate_id
RETURNING candidature.*;

-- name: count_window_due$
SELECT count(*) FROM candidature
WHERE session_id = :session_id
  AND stage IN ('activated', 'registered')
  AND closes_at + make_interval(secs => grace_seconds) <= :now ::timestamptz;

-- name: move_deadlines
-- Every row the new deadline touches, those cancelled by a verdict under the earlier one reinstated, those held
-- by a fault of ours released if they have time to complete. A longer deadline of one's own stays; each fact
-- takes a revision, so a reinstated or released row takes two. The verdict kept of such a row is closed, as by an
-- officer's act: only a fresh one settles it.
WITH touched AS (
    SELECT candidate_id,
           stage = 'cancelled' AND cancelled_by = 'verdict' AS reinstated,
           stage = 'held' AND hold_cause = 'ours'
               AND :deadline_at ::timestamptz >= :now ::timestamptz + :notice ::interval AS released
    FROM candidature
    WHERE session_id = :session_id
      AND stage NOT IN ('confirmed', 'not_registered')
      AND closes_at < :deadline_at
      AND deadline_at <> :deadline_at
      AND (NOT own_deadline OR deadline_at < :deadline_at)
    ORDER BY candidate_id
    FOR UPDATE
)
UPDATE candidature SET
    deadline_at = :deadline_at,
    own_deadline = false,
    stage = CASE
        WHEN NOT (reinstated OR released) THEN stage
        WHEN :now < closes_at + make_interval(secs => grace_seconds) THEN 'registered'
        ELSE 'awaiting_documents'
    END,
    cancelled_by = CASE WHEN NOT reinstated THEN cancelled_by END,
    hold_cause = CASE WHEN NOT released THEN hold_cause END,
    releases = releases + CASE WHEN released THEN 1 ELSE 0 END,
    released_at = CASE WHEN released THEN :now ELSE released_at END,
    settle_now = settle_now AND NOT released,
    applied_evidence_rev = CASE WHEN reinstated OR released THEN verdict_evidence_rev ELSE applied_evidence_rev END,
    decided_at = CASE WHEN NOT (reinstated OR released) THEN decided_at END,
    revision = revision + CASE WHEN reinstated OR released THEN 2 ELSE 1 END
FROM touched
WHERE candidature.candidate_id = touched.candidate_id
RETURNING candidature.*, touched.reinstated, touched.released;
