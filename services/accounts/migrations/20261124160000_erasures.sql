-- migrate:up

-- Whom the office erased, who did it and for which of a few reasons: words of their own could name the person.
CREATE TABLE erasure (
    candidate_id uuid PRIMARY KEY REFERENCES tombstone,
    reason       text NOT NULL CHECK (reason IN ('request', 'mistake', 'decision', 'retention')),
    actor        text NOT NULL
);

-- migrate:down
