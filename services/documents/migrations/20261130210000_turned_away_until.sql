-- migrate:up

-- When the request was answered or given up. Of one that was read before there was this column, nothing is known.
ALTER TABLE turned_away ADD COLUMN ended_at timestamptz;

-- The last stretch of time in which nothing that this candidate sent in time was answered: uploads and put-backs that a
-- gateway turned away, one soon after the other (decision 0012).
ALTER TABLE candidate ADD COLUMN hindered_from timestamptz, ADD COLUMN hindered_until timestamptz;

-- migrate:down
