-- name: begin_reading_logs!
-- From here on the incomplete wait for it.
INSERT INTO gateway_logs_read (read_at) VALUES (to_timestamp(0)) ON CONFLICT DO NOTHING;

-- name: read_no_logs!
DELETE FROM gateway_logs_read;

-- name: logs_were_read!
UPDATE gateway_logs_read SET read_at = greatest(read_at, :read_at);

-- name: log_place$
SELECT read_to FROM gateway_log WHERE beginning = :beginning;

-- name: move_log_place$
-- Null where another reader has moved it meanwhile.
INSERT INTO gateway_log (beginning, read_to, moved_at) VALUES (:beginning, :read_to, :now)
ON CONFLICT (beginning) DO UPDATE SET read_to = excluded.read_to, moved_at = excluded.moved_at
WHERE gateway_log.read_to = :read_from
RETURNING read_to;

-- name: forget_log_places!
-- Of files that were rolled away long ago.
DELETE FROM gateway_log WHERE moved_at < :before;

-- name: add_turned_away*!
INSERT INTO turned_away (attempt_id, arrived_at, shown, asked, read_at)
VALUES (:attempt_id, :arrived_at, :shown, :asked, :read_at) ON CONFLICT DO NOTHING;

-- name: waiting_turned_away
-- `:again`: of whom nothing was known then is asked anew.
SELECT * FROM turned_away WHERE tried_at IS NULL OR tried_at < :again ORDER BY read_at, attempt_id LIMIT :limit;

-- name: try_turned_away_again!
UPDATE turned_away SET tried_at = :now WHERE attempt_id = :attempt_id;

-- name: forget_turned_away!
DELETE FROM turned_away WHERE attempt_id = :attempt_id;

-- name: asked_for
-- What an address of the candidate's may name: the pieces, and the files that may be put back.
SELECT piece, NULL::uuid AS file_id FROM piece WHERE candidate_id = :candidate_id
UNION ALL
SELECT piece, file_id FROM file WHERE candidate_id = :candidate_id;
