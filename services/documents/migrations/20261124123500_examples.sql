-- migrate:up

-- What may be given for a piece, in words, as the rules say it.
ALTER TABLE piece ADD COLUMN example text NOT NULL DEFAULT '';

-- migrate:down
