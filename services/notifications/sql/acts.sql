-- name: queue_again!
-- The same row, so the same cause and Message-ID; to the sender it is a new one, with another week of refusals.
UPDATE mail SET state = 'queued', attempts = 0, refusals = 0, ended_at = NULL, last_status = NULL, last_error = NULL,
       next_attempt_at = clock_timestamp(), due_at = clock_timestamp()
WHERE id = :id AND state = 'failed';

-- name: add_act!
INSERT INTO mail_act (mail_id, act, actor, reason, status, error, at)
VALUES (:mail_id, :act, :actor, :reason, :status, :error, clock_timestamp());

-- name: forget_acts!
DELETE FROM mail_act a USING mail m WHERE m.id = a.mail_id AND m.candidate_id = :candidate_id;

-- name: acts_on_mails_of
SELECT a.mail_id, a.act, a.actor, a.reason, a.status, a.error, a.at
FROM mail_act a JOIN mail m ON m.id = a.mail_id
WHERE m.candidate_id = :candidate_id ORDER BY a.id;
