-- migrate:up

-- How often the objects of somebody erased could not be deleted: the store refuses, or a folder is another's. Such a
-- prefix is tried again later and later, and keeps none of the others waiting.
ALTER TABLE doomed_prefix ADD COLUMN failures integer NOT NULL DEFAULT 0;

-- migrate:down
