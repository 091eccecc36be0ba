-- migrate:up

-- When an outage came to be known: a release forgets those known by then, and only those.
ALTER TABLE outage ADD COLUMN kept_at timestamptz;
UPDATE outage SET kept_at = to_at;
ALTER TABLE outage ALTER COLUMN kept_at SET NOT NULL;

ALTER TABLE candidate ADD COLUMN released_at timestamptz;
COMMENT ON COLUMN candidate.released_at IS
    'the last release by an officer, who has looked: no outage known by then counts any more';

-- migrate:down
