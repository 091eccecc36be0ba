-- name: count_dead_letters$
UPDATE candidate SET open_dead_letters = :open_dead_letters WHERE id = :candidate_id RETURNING id;

-- name: tell_reachability^
-- Only on change. The candidate's row is locked before, and every ending of a mail is written under that lock.
-- A reminder that its deadline overtook warned nobody: it counts like one that the server refused, and so does
-- one that was returned. One that still waits says nothing yet. The latest deadline is that of the youngest
-- reminder that says something.
WITH told AS (
    SELECT (facts ->> 'deadline_at')::timestamptz AS deadline_at, state = 'sent' AS taken, created_at, id
    FROM mail
    WHERE candidate_id = :candidate_id AND kind = 'reminder'
      AND (state IN ('sent', 'failed', 'bounced') OR state = 'moot' AND last_error = 'deadline_passed')
), latest AS (
    SELECT bool_or(taken) AS taken FROM told
    WHERE deadline_at = (SELECT deadline_at FROM told ORDER BY created_at DESC, id DESC LIMIT 1)
)
UPDATE candidate
SET reachable = NOT candidate.reachable, revision = revision + 1
FROM latest
WHERE candidate.id = :candidate_id
  AND candidate.reachable <> (candidate.open_dead_letters = 0 AND coalesce(latest.taken, true))
RETURNING candidate.revision, candidate.reachable;
