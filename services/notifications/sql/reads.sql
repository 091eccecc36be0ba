-- name: mails_of
SELECT id, kind, cause, facts, state, message_id, attempts, next_attempt_at, last_status, last_error,
       accepted_at, created_at
FROM mail WHERE candidate_id = :candidate_id ORDER BY created_at, id;
