-- migrate:up

-- The row that every write about a candidate locks first; `revision` numbers this service's events of the
-- candidate. Ids and numbers only, so it may stay when the person is erased.
CREATE TABLE candidate (
    id         uuid   PRIMARY KEY,
    revision   bigint NOT NULL DEFAULT 0,
    session_id text
);

-- The person is deleted or erased: nothing is queued any more.
CREATE TABLE tombstone (
    candidate_id uuid        PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A copy of each session's calendar, for the dates in the letters. Highest revision wins.
CREATE TABLE exam_session (
    session_id text   PRIMARY KEY,
    revision   bigint NOT NULL,
    calendar   jsonb  NOT NULL
);

-- One row per cause: one cause, one mail. The address and the words are never here.
CREATE TABLE mail (
    id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    candidate_id    uuid        NOT NULL REFERENCES candidate,
    kind            text        NOT NULL,
    cause           text        NOT NULL UNIQUE,
    facts           jsonb       NOT NULL,
    state           text        NOT NULL DEFAULT 'queued'
                    CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'moot')),
    message_id      text        NOT NULL,
    traceparent     text,
    attempts        integer     NOT NULL DEFAULT 0,
    refusals        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_id        uuid,
    lease_until     timestamptz,
    last_status     integer,
    last_error      text,
    accepted_at     timestamptz,
    ended_at        timestamptz,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((state = 'sending') = (lease_id IS NOT NULL)),
    CHECK ((lease_id IS NULL) = (lease_until IS NULL)),
    CHECK ((state = 'sent') = (accepted_at IS NOT NULL)),
    CHECK ((state IN ('sent', 'failed', 'moot')) = (ended_at IS NOT NULL))
);

COMMENT ON COLUMN mail.facts IS 'ids, numbers and instants of the event, no personal data';
COMMENT ON COLUMN mail.refusals IS 'attempts that the mail server itself did not let through';
COMMENT ON COLUMN mail.last_status IS 'the last SMTP reply code';
COMMENT ON COLUMN mail.last_error IS 'a code or the type of an error, never its text';

CREATE INDEX mail_due ON mail (next_attempt_at) WHERE state = 'queued';
CREATE INDEX mail_leased ON mail (lease_until) WHERE state = 'sending';
CREATE INDEX mail_of_candidate ON mail (candidate_id, created_at);

-- Whoever queues a mail wakes the sender, at commit.
CREATE FUNCTION mail_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('mail', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER mail_wake AFTER INSERT ON mail FOR EACH STATEMENT EXECUTE FUNCTION mail_wake();

-- Forward only: there is no way back, but dbmate wants the block.
-- migrate:down
