-- migrate:up

-- What ReachabilityChanged last said of the candidate, and what it is made of beside the mails.
ALTER TABLE candidate
    ADD COLUMN reachable boolean NOT NULL DEFAULT true,
    ADD COLUMN open_dead_letters integer NOT NULL DEFAULT 0;

UPDATE candidate SET open_dead_letters =
    (SELECT count(*) FROM quarantine WHERE candidate_id = candidate.id AND closed_at IS NULL);

-- Forward only: there is no way back, but dbmate wants the block.
-- migrate:down
