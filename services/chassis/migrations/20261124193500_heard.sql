-- migrate:up

-- The highest revision that a consumer has taken in of each key. An owner whose own is lower was restored from a
-- backup: reconciliation sees it by this, whatever the fact was about.
CREATE TABLE heard (
    consumer text    NOT NULL,
    key      uuid    NOT NULL,
    revision integer NOT NULL,
    PRIMARY KEY (consumer, key)
);
CREATE INDEX heard_key ON heard (key);

-- migrate:down
