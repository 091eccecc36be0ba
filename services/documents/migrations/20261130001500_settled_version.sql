-- migrate:up

-- What the last verdict was about: *complete* may confirm as long as that is in force, whatever evidence came since
-- (decision 0004). Of a verdict on older evidence it is not known any more.
ALTER TABLE candidate
    ADD COLUMN settled_version     integer,
    ADD COLUMN settled_deadline_at timestamptz;
COMMENT ON COLUMN candidate.settled_version IS 'the version that the last verdict was about';
COMMENT ON COLUMN candidate.settled_deadline_at IS 'the deadline that the last verdict was about';

UPDATE candidate SET settled_version = registration_version, settled_deadline_at = deadline_at
WHERE settled_rev = evidence_rev;

-- migrate:down
