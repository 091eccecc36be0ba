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
INSERT INTO turned_away (attempt_id, arrived_at, ended_at, shown, asked, read_at)
VALUES (:attempt_id, :arrived_at, :ended_at, :shown, :asked, :read_at) ON CONFLICT DO NOTHING;

-- name: waiting_turned_away
-- `:again`: of whom nothing was known then is asked anew.
SELECT * FROM turned_away WHERE tried_at IS NULL OR tried_at < :again ORDER BY read_at, attempt_id LIMIT :limit;

-- name: try_turned_away_again!
UPDATE turned_away SET tried_at = :now WHERE attempt_id = :attempt_id;

-- name: forget_turned_away!
DELETE FROM turned_away WHERE attempt_id = :attempt_id;
