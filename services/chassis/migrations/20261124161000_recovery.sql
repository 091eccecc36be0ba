-- migrate:up

-- What the relay is asked to publish again: after a broker's loss, or for one candidate. `last_id`: how far it is.
CREATE TABLE refill (
    refill_id   uuid        PRIMARY KEY,
    why         text        NOT NULL CHECK (why IN ('asked', 'lost')),
    key         uuid,
    since       timestamptz,
    last_id     bigint      NOT NULL DEFAULT 0,
    republished bigint      NOT NULL DEFAULT 0,
    asked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at     timestamptz
);
CREATE INDEX refill_open ON refill (asked_at) WHERE done_at IS NULL;
CREATE TRIGGER refill_wake AFTER INSERT ON refill FOR EACH STATEMENT EXECUTE FUNCTION outbox_wake();

-- One candidate's facts, for replay and reconciliation.
CREATE INDEX outbox_key ON outbox (key, id);

-- migrate:down
