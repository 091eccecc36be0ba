-- migrate:up

-- When each version heard of was saved: tells for which one an older confirmation was signed.
CREATE TABLE version (
    candidate_id uuid        NOT NULL REFERENCES candidate ON DELETE CASCADE,
    version      integer     NOT NULL,
    saved_at     timestamptz NOT NULL,
    PRIMARY KEY (candidate_id, version)
);
INSERT INTO version (candidate_id, version, saved_at)
SELECT candidate_id, registration_version, version_saved_at FROM candidate WHERE registration_version > 0;

-- migrate:down
