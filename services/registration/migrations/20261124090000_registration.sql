-- migrate:up

-- The calendars of the exam sessions. `calendar` is the whole of it; the columns are those that SQL tests.
CREATE TABLE exam_session (
    session_id    text PRIMARY KEY,
    session_key   uuid        NOT NULL UNIQUE,
    revision      integer     NOT NULL,
    calendar      jsonb       NOT NULL,
    opens_at      timestamptz NOT NULL,
    closes_at     timestamptz NOT NULL,
    deadline_at   timestamptz NOT NULL,
    grace_seconds integer     NOT NULL,
    CHECK (opens_at < closes_at AND closes_at < deadline_at)
);

-- One row for each candidate: the row that every decision locks, and whose columns alone it tests.
CREATE TABLE candidature (
    candidate_id         uuid PRIMARY KEY,
    session_id           text        NOT NULL REFERENCES exam_session,
    revision             integer     NOT NULL DEFAULT 0,
    stage                text        NOT NULL CHECK (stage IN (
        'awaiting_activation', 'activated', 'registered', 'awaiting_documents', 'confirmed', 'cancelled',
        'held', 'not_registered', 'withdrawn')),
    version              integer     NOT NULL DEFAULT 0,
    closes_at            timestamptz NOT NULL,
    deadline_at          timestamptz NOT NULL,
    grace_seconds        integer     NOT NULL,
    own_deadline         boolean     NOT NULL DEFAULT false,
    eligible             boolean,
    eligibility_accepted boolean     NOT NULL DEFAULT false,
    portfolio            integer,
    hold_cause           text CHECK (hold_cause IN ('ours', 'eligibility', 'officer')),
    cancelled_by         text CHECK (cancelled_by IN ('verdict', 'officer')),
    officer_reason       text,
    decided_at           timestamptz,
    verdict              text CHECK (verdict IN ('complete', 'incomplete', 'held')),
    verdict_version      integer,
    verdict_deadline_at  timestamptz,
    verdict_evidence_rev integer     NOT NULL DEFAULT -1,
    applied_evidence_rev integer     NOT NULL DEFAULT -1,
    open_dead_letters    integer     NOT NULL DEFAULT 0,
    accounts_revision    integer     NOT NULL DEFAULT 0,
    CHECK ((stage = 'held') = (hold_cause IS NOT NULL)),
    CHECK ((stage = 'cancelled') = (cancelled_by IS NOT NULL)),
    CHECK (version > 0 OR stage IN ('awaiting_activation', 'activated', 'not_registered'))
);

-- What the window's end has to decide, and what waits for a verdict: found without reading the decided ones.
CREATE INDEX candidature_before_close ON candidature (session_id, candidate_id)
    WHERE stage IN ('activated', 'registered');
CREATE INDEX candidature_awaiting ON candidature (deadline_at) WHERE stage IN ('registered', 'awaiting_documents');
CREATE INDEX candidature_session ON candidature (session_id);

-- The registration in numbered versions. A version never changes; its confirmation is drawn from it.
CREATE TABLE registration_version (
    candidate_id uuid        NOT NULL REFERENCES candidature ON DELETE CASCADE,
    version      integer     NOT NULL CHECK (version > 0),
    form         jsonb       NOT NULL,
    arrived_at   timestamptz NOT NULL,
    saved_at     timestamptz NOT NULL,
    code         text        NOT NULL UNIQUE,
    eligible     boolean     NOT NULL,
    reasons      jsonb       NOT NULL,
    checklist    jsonb       NOT NULL,
    PRIMARY KEY (candidate_id, version)
);

-- Who did what and why, one line for each change of state, written in its transaction.
CREATE TABLE journal (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    candidate_id uuid        NOT NULL REFERENCES candidature ON DELETE CASCADE,
    at           timestamptz NOT NULL,
    actor        text        NOT NULL,
    act          text        NOT NULL,
    revision     integer     NOT NULL,
    reason       text
);
CREATE INDEX journal_candidate ON journal (candidate_id, id);

-- Changes of a session's dates by an officer.
CREATE TABLE session_journal (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id text        NOT NULL REFERENCES exam_session,
    at         timestamptz NOT NULL,
    actor      text        NOT NULL,
    act        text        NOT NULL,
    reason     text        NOT NULL,
    facts      jsonb       NOT NULL
);

-- The erased, by id alone: every consumer and every write looks here under the row lock.
CREATE TABLE tombstone (
    candidate_id uuid PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- migrate:down
