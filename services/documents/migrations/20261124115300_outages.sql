-- migrate:up

-- When the service was last seen up as a candidate sees it, through the gateway. One row.
CREATE TABLE service_beat (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    beat_at timestamptz NOT NULL
);

-- Spans [from_at, to_at) in which candidates could not upload: noticed between two beats, or declared by an officer.
CREATE TABLE outage (
    outage_id  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    session_id text        NOT NULL REFERENCES exam_session,
    from_at    timestamptz NOT NULL,
    to_at      timestamptz NOT NULL,
    cause      text        NOT NULL CHECK (cause IN ('noticed', 'declared')),
    CHECK (from_at < to_at)
);
CREATE INDEX outage_session ON outage (session_id, from_at);

-- The officers' acts on a whole session, each with its reason.
CREATE TABLE session_act (
    act_id     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    session_id text        NOT NULL REFERENCES exam_session,
    act        text        NOT NULL CHECK (act IN ('outage_declared', 'settling_paused', 'settling_resumed')),
    outage_id  uuid REFERENCES outage,
    reason     text        NOT NULL,
    actor      text        NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX session_act_session ON session_act (session_id, at);

ALTER TABLE exam_session ADD COLUMN settling_paused boolean NOT NULL DEFAULT false;
ALTER TABLE candidate
    ADD COLUMN settling_paused boolean NOT NULL DEFAULT false,
    ADD COLUMN service_fault_at timestamptz;
COMMENT ON COLUMN candidate.service_fault_at IS
    'the last instant before the deadline at which the whole service was away (ours 7)';

-- migrate:down
