-- name: mail_to_judge^
SELECT id, candidate_id, kind, cause FROM mail
WHERE id = :id OR (:id::uuid IS NULL AND message_id = :message_id);

-- name: state_of$
-- After the candidate's row is locked: every ending is written under that lock.
SELECT state FROM mail WHERE id = :id;

-- name: mark_bounced$
UPDATE mail SET state = 'bounced', returned_at = clock_timestamp(), returned_code = :code
WHERE id = :id AND state = 'sent'
RETURNING id;

-- name: note_delay!
UPDATE mail SET returned_at = clock_timestamp(), returned_code = :code WHERE id = :id AND state = 'sent';
