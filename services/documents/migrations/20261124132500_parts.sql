-- migrate:up

-- The digest of each file that was sent, where several became one: an old or refused page stays one in new company.
-- Of those joined before, only the digest of all together is known.
ALTER TABLE file ADD COLUMN parts text[];
UPDATE file SET parts = ARRAY[sha256];
ALTER TABLE file ALTER COLUMN parts SET NOT NULL, ADD CHECK (cardinality(parts) > 0);

-- migrate:down
