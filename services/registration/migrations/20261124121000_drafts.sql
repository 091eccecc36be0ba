-- migrate:up

-- What a candidate has typed and not saved: one a candidate, partial, never counted as a registration.
-- `revision` comes from a sequence, so a draft that is made anew never has the number of an earlier one.
CREATE SEQUENCE draft_revision AS integer;
CREATE TABLE draft (
    candidate_id uuid PRIMARY KEY REFERENCES candidature ON DELETE CASCADE,
    revision     integer     NOT NULL DEFAULT nextval('draft_revision'),
    base_version integer     NOT NULL,
    content      jsonb       NOT NULL,
    updated_at   timestamptz NOT NULL
);
ALTER SEQUENCE draft_revision OWNED BY draft.revision;

-- migrate:down
