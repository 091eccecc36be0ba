-- migrate:up

-- A copy of the calendars that `registration` owns.
CREATE TABLE exam_session (
    session_id text PRIMARY KEY,
    revision   integer NOT NULL,
    calendar   jsonb   NOT NULL
);

-- One row for each candidate: the row that uploads lock, and whose columns alone the verdict tests.
CREATE TABLE candidate (
    candidate_id          uuid PRIMARY KEY,
    session_id            text        NOT NULL,
    revision              integer     NOT NULL DEFAULT 0,

    -- What `registration` has said last.
    registration_revision integer     NOT NULL DEFAULT 0,
    stage                 text        NOT NULL DEFAULT 'awaiting_activation',
    closes_at             timestamptz NOT NULL,
    deadline_at           timestamptz NOT NULL,
    own_deadline_at       timestamptz,
    grace_seconds         integer     NOT NULL,
    fault_window_seconds  integer     NOT NULL,

    -- The checklist in force.
    checklist_revision    integer     NOT NULL DEFAULT 0,
    registration_version  integer     NOT NULL DEFAULT 0,
    version_saved_at      timestamptz,

    -- The evidence, counted under this row's lock in the transaction that changed it.
    missing_count         integer     NOT NULL DEFAULT 0,
    to_judge_count        integer     NOT NULL DEFAULT 0,
    evidence_rev          integer     NOT NULL DEFAULT 0,

    -- Uploads begun in time and not ended by the candidate's doing: attempt → {piece, arrived_at}.
    faults                jsonb       NOT NULL DEFAULT '{}',
    fault_at              timestamptz,
    open_dead_letters     integer     NOT NULL DEFAULT 0,

    settled_rev           integer     NOT NULL DEFAULT -1,
    verdict               text CHECK (verdict IN ('complete', 'incomplete', 'held')),
    settled_at            timestamptz,

    reminded              jsonb       NOT NULL DEFAULT '[]',
    last_reminded_at      timestamptz,

    CHECK (missing_count >= 0 AND to_judge_count >= 0),
    CHECK ((registration_version = 0) = (version_saved_at IS NULL))
);

COMMENT ON COLUMN candidate.own_deadline_at IS
    'the deadline a refusal gave (ours 5), until registration has it too';

-- What is to settle: found without reading those settled at their present evidence.
CREATE INDEX candidate_to_settle ON candidate (session_id, candidate_id)
    WHERE settled_rev <> evidence_rev AND registration_version > 0;

CREATE TABLE piece (
    candidate_id uuid    NOT NULL REFERENCES candidate ON DELETE CASCADE,
    piece        text    NOT NULL,
    title        text    NOT NULL,
    reason       text    NOT NULL,
    confirmation boolean NOT NULL,
    due          boolean NOT NULL,
    place        integer NOT NULL,
    PRIMARY KEY (candidate_id, piece)
);

-- A file is never replaced: it is removed by the candidate, refused by an officer, or it stays.
CREATE TABLE file (
    file_id     uuid PRIMARY KEY,
    candidate_id uuid       NOT NULL,
    piece       text        NOT NULL,
    state       text        NOT NULL CHECK (state IN ('received', 'to_judge', 'late', 'accepted', 'refused', 'removed')),
    name        text        NOT NULL,
    media_type  text        NOT NULL,
    size_bytes  integer     NOT NULL,
    sha256      text        NOT NULL,
    object_key  text        NOT NULL,
    arrived_at  timestamptz NOT NULL,
    stored_at   timestamptz NOT NULL,
    FOREIGN KEY (candidate_id, piece) REFERENCES piece ON DELETE CASCADE
);
CREATE INDEX file_piece ON file (candidate_id, piece, arrived_at);
-- The same content again is the same upload, sent again.
CREATE UNIQUE INDEX file_content ON file (candidate_id, piece, sha256)
    WHERE state IN ('received', 'to_judge', 'accepted');

CREATE TABLE review (
    review_id    uuid PRIMARY KEY,
    candidate_id uuid        NOT NULL,
    piece        text        NOT NULL,
    act          text        NOT NULL CHECK (act IN ('accepted', 'refused')),
    reason       text        NOT NULL,
    actor        text        NOT NULL,
    at           timestamptz NOT NULL,
    deadline_at  timestamptz,
    FOREIGN KEY (candidate_id, piece) REFERENCES piece ON DELETE CASCADE
);
CREATE INDEX review_piece ON review (candidate_id, piece, at);

-- The erased, by id alone; and the objects that are still to be deleted.
CREATE TABLE tombstone (
    candidate_id uuid PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE doomed_object (
    object_key text PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- migrate:down
