-- name: begin_reading_logs!
-- From here on the incomplete wait for it.
INSERT INTO gateway_logs_read (read_at) VALUES (to_timestamp(0)) ON CONFLICT DO NOTHING;

-- name: read_no_logs!
DELETE FROM gateway_logs_read;

-- name: logs_were_read!
UPDATE gateway_logs_read SET read_at = greatest(read_at, :read_at);

-- name: asked_for
-- What an address of the candidate's may name: the pieces, and the files that may be put back.
SELECT piece, NULL::uuid AS file_id FROM piece WHERE candidate_id = :candidate_id
UNION ALL
SELECT piece, file_id FROM file WHERE candidate_id = :candidate_id;
