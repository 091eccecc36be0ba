-- migrate:up

-- The last write to the form that a gateway turned away (decision 0014).
ALTER TABLE candidature ADD COLUMN save_fault_at timestamptz;

-- Until when the form was open, with a line of the journal: an officer may open it again. Older lines lack it.
ALTER TABLE journal ADD COLUMN closes_at timestamptz;

-- How far each log of a gateway was read (decision 0012). A file is known by the digest of its first line.
CREATE TABLE gateway_log (
    beginning bytea PRIMARY KEY,
    read_to   bigint      NOT NULL,
    moved_at  timestamptz NOT NULL
);

-- Requests that a gateway turned away, read and not yet on a row. Of whom: beginnings of the digests of what was shown.
CREATE TABLE turned_away (
    attempt_id uuid        PRIMARY KEY,
    arrived_at timestamptz NOT NULL,
    shown      text[]      NOT NULL,
    asked      text        NOT NULL,
    read_at    timestamptz NOT NULL,
    -- Set while the candidate is not known here yet.
    tried_at   timestamptz
);

-- migrate:down
