-- migrate:up

-- One row for all the candidates of a repair; none: everybody.
ALTER TABLE refill ADD COLUMN keys uuid[];
UPDATE refill SET keys = ARRAY[key] WHERE key IS NOT NULL;
ALTER TABLE refill DROP COLUMN key;

-- migrate:down
