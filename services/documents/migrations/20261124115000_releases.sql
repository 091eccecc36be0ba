-- migrate:up

-- How many of the candidature's releases this row has taken in: each makes it forget its faults once.
ALTER TABLE candidate ADD COLUMN releases_heard integer NOT NULL DEFAULT 0;

-- migrate:down
