-- migrate:up

-- Whether `notifications` could warn the candidate at all (ours 7). The last word is kept apart from the row too:
-- it may come before the candidate is known here.
ALTER TABLE candidate ADD COLUMN unreachable boolean NOT NULL DEFAULT false;
CREATE TABLE reachability (
    candidate_id uuid PRIMARY KEY,
    revision     integer NOT NULL,
    unreachable  boolean NOT NULL
);

-- migrate:down
