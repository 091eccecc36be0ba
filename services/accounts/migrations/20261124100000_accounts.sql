-- migrate:up

-- The calendar of each exam session, a copy of registration's (event SessionScheduled).
CREATE TABLE exam_session (
    session_id text    PRIMARY KEY,
    calendar   jsonb   NOT NULL,
    revision   integer NOT NULL
);

-- One address, one candidate. Its id is the candidate's; a deleted address that starts again gets another.
CREATE TABLE account (
    id            uuid    PRIMARY KEY DEFAULT uuidv7(),
    email         text    NOT NULL,
    email_key     text    NOT NULL UNIQUE,
    session_id    text    NOT NULL REFERENCES exam_session,
    state         text    NOT NULL CHECK (state IN ('awaiting_activation', 'activated')),
    revision      integer NOT NULL DEFAULT 1,
    -- Set by the activation, from the request that the clicked link belongs to.
    password_hash text,
    issue         integer NOT NULL DEFAULT 1,
    reset_issue   integer NOT NULL DEFAULT 0,
    -- R2 and ours 3: the 48 h run from the moment the mail server accepted the first activation mail.
    activation_mail_accepted_at timestamptz,
    activation_expires_at       timestamptz,
    -- activation_expires_at and the grace: before it, an activation that arrived in time may still commit.
    expiry_due_at               timestamptz,
    activated_at  timestamptz,
    created_at    timestamptz NOT NULL,
    CHECK ((state = 'activated') = (activated_at IS NOT NULL)),
    CHECK (state <> 'activated' OR password_hash IS NOT NULL),
    CHECK ((activation_expires_at IS NULL) = (expiry_due_at IS NULL))
);

CREATE INDEX account_awaiting ON account (created_at) WHERE state = 'awaiting_activation';

-- The password given with each request for an account: the link of issue n activates the password of request
-- n, so nobody who asks for another person's address can choose what that person's own link activates.
-- Gone with the activation.
CREATE TABLE activation_issue (
    account_id    uuid    NOT NULL REFERENCES account ON DELETE CASCADE,
    issue         integer NOT NULL,
    password_hash text    NOT NULL,
    PRIMARY KEY (account_id, issue)
);

CREATE TABLE password_reset (
    account_id uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    issue      integer     NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (account_id, issue)
);

-- Only the SHA-256 of a token is kept: who reads this table cannot be anybody.
CREATE TABLE login_session (
    token_sha256 bytea       PRIMARY KEY,
    kind         text        NOT NULL CHECK (kind IN ('candidate', 'officer')),
    account_id   uuid        REFERENCES account ON DELETE CASCADE,
    subject      text        NOT NULL,
    role         text,
    portfolios   integer[]   NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    CHECK ((kind = 'candidate') = (account_id IS NOT NULL))
);

CREATE INDEX login_session_account ON login_session (account_id) WHERE revoked_at IS NULL;

-- The address of a deleted account, kept until the mail that says so has left (decision 0001).
CREATE TABLE farewell (
    candidate_id uuid        PRIMARY KEY,
    email        text        NOT NULL,
    until        timestamptz NOT NULL
);

-- Deleted people: the id only.
CREATE TABLE tombstone (
    candidate_id uuid        PRIMARY KEY,
    deleted_at   timestamptz NOT NULL
);

-- How often something was asked within a window. The subject is an HMAC: unknown addresses are counted too.
CREATE TABLE throttle (
    subject        bytea       PRIMARY KEY,
    tries          integer     NOT NULL,
    window_ends_at timestamptz NOT NULL
);

-- migrate:down
