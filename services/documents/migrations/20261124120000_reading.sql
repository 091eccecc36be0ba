-- migrate:up

-- What reading a confirmation back gave: why an officer should look at it, and the version whose code it bears.
ALTER TABLE file ADD COLUMN flags text[] NOT NULL DEFAULT '{}';
ALTER TABLE file ADD COLUMN read_version integer;

-- migrate:down
