-- migrate:up

-- A file that was acknowledged and whose object is gone from the store: an older copy of it was restored, or somebody
-- deleted it. It counts no more unless an officer had accepted it; whoever lacks a piece by it is held (ours 7).
ALTER TABLE file ADD COLUMN lost_at timestamptz;
COMMENT ON COLUMN file.lost_at IS 'when its object was not found in the store; null: it is there, as far as was looked';
ALTER TABLE candidate ADD COLUMN lost_count integer NOT NULL DEFAULT 0 CHECK (lost_count >= 0);
COMMENT ON COLUMN candidate.lost_count IS 'pieces that are missing since the store has lost what counted for them';

-- How the last look through the store ended, by whichever worker. One row.
-- `gone`: of the files looked at, whose object was not there. `doubted_since`: so many that it may be another store.
CREATE TABLE object_look (
    one           boolean     PRIMARY KEY DEFAULT true CHECK (one),
    began_at      timestamptz NOT NULL,
    ended_at      timestamptz,
    gone          integer     NOT NULL DEFAULT 0,
    doubted_since timestamptz
);

-- migrate:down
