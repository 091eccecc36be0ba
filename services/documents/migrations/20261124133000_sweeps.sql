-- migrate:up

-- When the store was last looked through, by whichever worker: once a day, however often workers start. One row.
-- `spared`: what no file names and was left all the same, since it was too much to be believed.
CREATE TABLE unnamed_sweep (
    one      boolean     PRIMARY KEY DEFAULT true CHECK (one),
    began_at timestamptz NOT NULL,
    spared   integer     NOT NULL DEFAULT 0
);

-- migrate:down
