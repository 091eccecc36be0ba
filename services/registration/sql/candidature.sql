-- name: lock_candidature^
SELECT * FROM candidature WHERE candidate_id = :candidate_id FOR UPDATE;

-- name: read_candidature^
SELECT * FROM candidature WHERE candidate_id = :candidate_id;

-- name: serialise_missing!
-- While there is no row to lock, a first save and an erasure of the same candidate wait for each other here.
SELECT pg_advisory_xact_lock(hashtextextended('candidature:' || :candidate_id ::uuid ::text, 0));

-- name: is_erased$
SELECT EXISTS (SELECT FROM tombstone WHERE candidate_id = :candidate_id);

-- name: create_candidature^
-- The session's row is locked too, so that its dates cannot be moved past a row that is being made.
WITH session AS (
    SELECT * FROM exam_session WHERE session_id = :session_id FOR SHARE
)
INSERT INTO candidature
       (candidate_id, session_id, stage, closes_at, deadline_at, grace_seconds, open_dead_letters)
SELECT :candidate_id ::uuid, session_id, :stage ::text, closes_at, deadline_at, grace_seconds,
       :open_dead_letters ::integer
FROM session
RETURNING *;

-- name: write_candidature!
UPDATE candidature SET
    revision = :revision,
    stage = :stage,
    version = :version,
    closes_at = :closes_at,
    deadline_at = :deadline_at,
    own_deadline = :own_deadline,
    eligible = :eligible,
    eligibility_accepted = :eligibility_accepted,
    portfolio = :portfolio,
    hold_cause = :hold_cause,
    cancelled_by = :cancelled_by,
    officer_reason = :officer_reason,
    decided_at = :decided_at,
    verdict = :verdict,
    verdict_version = :verdict_version,
    verdict_deadline_at = :verdict_deadline_at,
    verdict_evidence_rev = :verdict_evidence_rev,
    applied_evidence_rev = :applied_evidence_rev,
    releases = :releases,
    released_at = :released_at,
    settle_now = :settle_now,
    accounts_revision = :accounts_revision,
    save_fault_at = :save_fault_at
WHERE candidate_id = :candidate_id;

-- name: count_dead_letters!
UPDATE candidature SET open_dead_letters = :open_dead_letters WHERE candidate_id = :candidate_id;

-- name: erase_candidature!
DELETE FROM candidature WHERE candidate_id = :candidate_id;

-- name: bury!
INSERT INTO tombstone (candidate_id) VALUES (:candidate_id) ON CONFLICT DO NOTHING;

-- name: write_journal!
INSERT INTO journal (candidate_id, at, actor, act, revision, reason, stage, version, closes_at, deadline_at)
SELECT candidate_id, :at ::timestamptz, :actor ::text, act, revision, :reason ::text, stage, version, closes_at,
       deadline_at
FROM unnest(:candidate_ids ::uuid[], :acts ::text[], :revisions ::integer[], :stages ::text[],
            :versions ::integer[], :closes ::timestamptz[], :deadlines ::timestamptz[])
     AS entry (candidate_id, act, revision, stage, version, closes_at, deadline_at);

-- name: read_journal
SELECT at, actor, act, revision, reason, stage, version, closes_at, deadline_at FROM journal
WHERE candidate_id = :candidate_id ORDER BY id;

-- name: unheeded_holds
-- Cancelled by a verdict, and a later one says held: whether it is about what is in force, the domain says.
SELECT * FROM candidature
WHERE stage = 'cancelled' AND cancelled_by = 'verdict' AND verdict = 'held'
  AND verdict_evidence_rev > applied_evidence_rev
ORDER BY decided_at, candidate_id
LIMIT :limit;

-- name: unheeded_saves
SELECT * FROM candidature
WHERE stage = 'not_registered' AND save_fault_at IS NOT NULL
   OR stage = 'withdrawn' AND save_fault_at > decided_at
ORDER BY save_fault_at, candidate_id
LIMIT :limit;

-- name: missing_verdicts
-- Deadline and grace passed, and the wait besides, and still no outcome: no verdict, no cancellation.
SELECT candidate_id, session_id, stage, version, deadline_at, verdict_evidence_rev, open_dead_letters
FROM candidature
WHERE stage IN ('registered', 'awaiting_documents')
  AND deadline_at + make_interval(secs => grace_seconds) + :wait ::interval <= :now ::timestamptz
ORDER BY deadline_at, candidate_id
LIMIT :limit;
