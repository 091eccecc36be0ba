-- migrate:up

-- How a fact travels, the database's side: outbox (what this service says), inbox (what it has heard),
-- quarantine (what it could not take in). Applied to every service's database before its own migrations.

-- A row is written in the transaction that made the fact, under the lock of the key's row, so that per key
-- the order of `id` is the order of the facts. Rows are never deleted: they are the service's event log.
CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY,
    ce_id        uuid        NOT NULL,
    key          uuid        NOT NULL,
    topic        text        NOT NULL,
    type         text        NOT NULL,
    payload      bytea       NOT NULL,
    headers      jsonb       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz,
    -- Set on a row that cannot be published: it stops its key, and only its key.
    retry_at     timestamptz,
    attempts     integer     NOT NULL DEFAULT 0,
    last_error   text,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);

COMMENT ON COLUMN outbox.last_error IS 'the type of the error, never its text';

CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

CREATE INDEX outbox_pending ON outbox (id) WHERE published_at IS NULL AND retry_at IS NULL;
CREATE INDEX outbox_blocked ON outbox (key, id) WHERE published_at IS NULL AND retry_at IS NOT NULL;

-- Every writer wakes the relay, also one that inserts with SQL of its own.
CREATE FUNCTION outbox_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER outbox_wake AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_wake();

-- Makes the partitions of this month and the next ones. The default partition takes every row for which none
-- exists, so a late upkeep loses nothing: rows found there are moved, inside the one transaction that
-- attaches their partition. ATTACH, and not CREATE … PARTITION OF, because it does not stop the writers of
-- the other partitions. Returns the number of partitions made.
CREATE FUNCTION outbox_upkeep(months_ahead integer DEFAULT 2) RETURNS integer
LANGUAGE plpgsql SET timezone TO 'UTC' AS $$
DECLARE
    first_day timestamptz := date_trunc('month', now());
    lower_bound timestamptz;
    upper_bound timestamptz;
    part text;
    made integer := 0;
BEGIN
    FOR step IN 0 .. months_ahead LOOP
        lower_bound := first_day + make_interval(months => step);
        upper_bound := first_day + make_interval(months => step + 1);
        part := 'outbox_' || to_char(lower_bound, 'YYYY_MM');
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        LOCK TABLE outbox IN SHARE UPDATE EXCLUSIVE MODE;
        LOCK TABLE outbox_default IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('CREATE TABLE %I (LIKE outbox INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
        EXECUTE format(
            'WITH moved AS (DELETE FROM outbox_default WHERE created_at >= %L AND created_at < %L RETURNING *)
             INSERT INTO %I SELECT * FROM moved', lower_bound, upper_bound, part);
        EXECUTE format(
            'ALTER TABLE outbox ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, lower_bound, upper_bound);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

SELECT outbox_upkeep();

-- Written in the transaction of the effect: an event has its effect once per consumer.
CREATE TABLE inbox (
    consumer    text        NOT NULL,
    ce_id       uuid        NOT NULL,
    consumed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, ce_id)
);

-- The dead letters of this service's consumers. While one of a candidate is open, the service holds them.
CREATE TABLE quarantine (
    consumer       text        NOT NULL,
    dead_letter_id uuid        NOT NULL,
    candidate_id   uuid,
    topic          text        NOT NULL,
    partition      integer     NOT NULL,
    record_offset  bigint      NOT NULL,
    error          text        NOT NULL,
    sqlstate       text,
    failures       integer     NOT NULL DEFAULT 1,
    opened_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at      timestamptz,
    outcome        text CHECK (outcome IN ('resolved', 'discarded')),
    PRIMARY KEY (consumer, dead_letter_id),
    CHECK ((closed_at IS NULL) = (outcome IS NULL))
);

CREATE INDEX quarantine_open ON quarantine (candidate_id) WHERE closed_at IS NULL;

-- Forward only: there is no way back, but dbmate wants the block.
-- migrate:down
