-- migrate:up

-- Who was answered 5xx for a file that had been stored all the same sends it again and is told that it is there. That
-- is the later success which makes up for what was turned away in between, however late the gateway's log tells of it.
ALTER TABLE file ADD COLUMN again_at timestamptz;
COMMENT ON COLUMN file.again_at IS 'when its content arrived the last time after arrived_at, and was answered with success';

-- migrate:down
