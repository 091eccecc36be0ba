-- name: lock_candidate$
SELECT id FROM candidate WHERE id = :candidate_id FOR UPDATE;

-- name: make_candidate!
INSERT INTO candidate (id, open_dead_letters) VALUES (:candidate_id, :open_dead_letters) ON CONFLICT DO NOTHING;

-- name: is_buried$
-- A statement of its own, after the lock: it sees what the lock was waited for.
SELECT EXISTS (SELECT FROM tombstone WHERE candidate_id = :candidate_id);

-- name: remember_session!
UPDATE candidate SET session_id = :session_id WHERE id = :candidate_id;

-- name: queue_mail!
INSERT INTO mail (candidate_id, kind, cause, facts, message_id, traceparent)
VALUES (:candidate_id, :kind, :cause, :facts, :message_id, :traceparent)
ON CONFLICT (cause) DO NOTHING;

-- name: drop_waiting!
UPDATE mail SET state = 'moot', last_error = 'account_deleted', ended_at = clock_timestamp()
WHERE candidate_id = :candidate_id AND state = 'queued';

-- name: drop_waiting_kind!
UPDATE mail SET state = 'moot', last_error = 'done_meanwhile', ended_at = clock_timestamp()
WHERE candidate_id = :candidate_id AND kind = :kind AND state = 'queued';

-- name: delete_mails!
-- All but the one that says so, if it is queued already.
DELETE FROM mail WHERE candidate_id = :candidate_id AND kind <> 'account_erased';

-- name: bury!
INSERT INTO tombstone (candidate_id) VALUES (:candidate_id) ON CONFLICT DO NOTHING;

-- name: keep_calendar!
INSERT INTO exam_session (session_id, revision, calendar) VALUES (:session_id, :revision, :calendar)
ON CONFLICT (session_id) DO UPDATE SET revision = excluded.revision, calendar = excluded.calendar
WHERE exam_session.revision < excluded.revision;
