-- migrate:up

-- What the candidature had become with a line of the journal: « Mon espace » tells it. Older lines lack it.
ALTER TABLE journal
    ADD COLUMN stage       text,
    ADD COLUMN version     integer,
    ADD COLUMN deadline_at timestamptz;

-- migrate:down
