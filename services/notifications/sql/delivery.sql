-- name: claim
-- Due mails and those whose sender died, oldest first, for one sender alone until the lease ends.
WITH due AS MATERIALIZED (
    SELECT id FROM mail
    WHERE (state = 'queued' AND next_attempt_at <= clock_timestamp())
       OR (state = 'sending' AND lease_until <= clock_timestamp()
           AND :inherit::boolean AND id <> ALL(:in_hand::uuid[]))
    ORDER BY next_attempt_at
    LIMIT :places
    FOR UPDATE SKIP LOCKED
)
UPDATE mail SET state = 'sending', attempts = attempts + 1, lease_id = gen_random_uuid(),
       lease_until = clock_timestamp() + make_interval(secs => :lease_seconds)
FROM due
WHERE mail.id = due.id
RETURNING mail.id, candidate_id, kind, cause, facts, message_id, traceparent, attempts, refusals, lease_id,
    created_at,
    (SELECT e.calendar FROM exam_session e JOIN candidate c USING (session_id)
     WHERE c.id = mail.candidate_id) AS calendar;

-- name: seconds_to_next$
SELECT extract(epoch FROM min(due) - clock_timestamp())::float FROM (
    SELECT min(next_attempt_at) AS due FROM mail WHERE state = 'queued'
    UNION ALL
    SELECT min(lease_until) FROM mail
    WHERE state = 'sending' AND :inherit::boolean AND id <> ALL(:in_hand::uuid[])
) AS next;

-- name: next_revision$
UPDATE candidate SET revision = revision + 1 WHERE id = :candidate_id RETURNING revision;

-- name: mark_sent$
-- A 250 is a fact whoever holds the lease now: the mail left, and a sender that lost its lease says so too.
UPDATE mail SET state = 'sent', accepted_at = :accepted_at, ended_at = clock_timestamp(), last_status = 250,
       last_error = NULL, lease_id = NULL, lease_until = NULL
WHERE id = :id AND state IN ('queued', 'sending')
RETURNING id;

-- name: mark_failed$
UPDATE mail SET state = 'failed', ended_at = clock_timestamp(), last_status = :status, last_error = :error,
       lease_id = NULL, lease_until = NULL
WHERE id = :id AND lease_id = :lease_id
RETURNING id;

-- name: mark_moot$
UPDATE mail SET state = 'moot', ended_at = clock_timestamp(), last_error = :error,
       lease_id = NULL, lease_until = NULL
WHERE id = :id AND lease_id = :lease_id
RETURNING id;

-- name: wait_until$
-- Its time has not come: that was no attempt, and it is not late before.
UPDATE mail SET state = 'queued', next_attempt_at = :until, due_at = :until, attempts = attempts - 1,
       lease_id = NULL, lease_until = NULL
WHERE id = :id AND lease_id = :lease_id
RETURNING id;

-- name: put_back$
-- Not after `until` (if given): what makes no sense any more then has to be known then.
UPDATE mail SET state = 'queued',
       next_attempt_at = least(clock_timestamp() + make_interval(secs => :wait_seconds), :until::timestamptz),
       refusals = refusals + :refusals, last_status = coalesce(:status::integer, last_status),
       last_error = :error, lease_id = NULL, lease_until = NULL
WHERE id = :id AND lease_id = :lease_id
RETURNING id;

-- name: oldest_due_seconds$
-- Null where nothing is due. Since when, not when next: what is tried and never taken grows old.
SELECT extract(epoch FROM clock_timestamp() - min(due_at))::float FROM mail
WHERE ended_at IS NULL AND due_at <= clock_timestamp();
