-- migrate:up

-- How often an officer released the candidature: `documents` forgets the faults of a hold when it rises.
ALTER TABLE candidature ADD COLUMN releases integer NOT NULL DEFAULT 0;
UPDATE candidature SET releases = (
    SELECT count(*) FROM journal j WHERE j.candidate_id = candidature.candidate_id AND j.act = 'released'
);

-- migrate:down
