-- name: mails_of
SELECT id, kind, cause, facts, state, message_id, attempts, next_attempt_at, last_status, last_error,
       accepted_at, ended_at, created_at, returned_at, returned_code
FROM mail WHERE candidate_id = :candidate_id ORDER BY created_at, id;

-- name: mail_of^
SELECT id, kind, cause, facts, state, message_id, attempts, next_attempt_at, last_status, last_error,
       accepted_at, ended_at, created_at, returned_at, returned_code
FROM mail WHERE candidate_id = :candidate_id AND id = :id;

-- name: calendar_of$
SELECT calendar FROM exam_session JOIN candidate USING (session_id) WHERE candidate.id = :candidate_id;

-- name: is_reachable$
SELECT reachable FROM candidate WHERE id = :candidate_id;
