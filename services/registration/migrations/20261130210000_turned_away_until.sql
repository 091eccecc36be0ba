-- migrate:up

-- When the request was answered or given up. Of one that was read before there was this column, nothing is known.
ALTER TABLE turned_away ADD COLUMN ended_at timestamptz;

-- migrate:down
