-- migrate:up

-- A silence too short to concern everybody concerns those in whose last minutes before the deadline it lay.
ALTER TABLE outage ADD COLUMN deadlines_before timestamptz CHECK (from_at < deadlines_before);
COMMENT ON COLUMN outage.deadlines_before IS
    'it counts for deadlines before this instant alone; null: for all that come after its beginning';

-- migrate:down
