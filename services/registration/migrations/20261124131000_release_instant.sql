-- migrate:up

-- Of the last release: when it was, and whether the officer meant it to be settled by the deadline in force. What
-- `documents` forgets at a release is what was known by then.
ALTER TABLE candidature
    ADD COLUMN released_at timestamptz,
    ADD COLUMN settle_now boolean NOT NULL DEFAULT false;
UPDATE candidature SET released_at = (
    SELECT max(j.at) FROM journal j WHERE j.candidate_id = candidature.candidate_id AND j.act = 'released'
);

-- migrate:down
