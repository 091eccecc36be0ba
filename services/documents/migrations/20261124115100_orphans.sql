-- migrate:up

-- The erased whose objects are still to be deleted, all that lie under their id: an upload whose commit failed
-- leaves one that no file names. Twice, for an upload that was under way at the erasure.
CREATE TABLE doomed_prefix (
    candidate_id uuid PRIMARY KEY,
    due_at       timestamptz NOT NULL DEFAULT '-infinity',
    last         boolean     NOT NULL DEFAULT false
);
INSERT INTO doomed_prefix (candidate_id) SELECT candidate_id FROM tombstone;
DROP TABLE doomed_object;

-- The daily sweep asks which objects no file names.
CREATE INDEX file_object ON file (object_key);

-- migrate:down
