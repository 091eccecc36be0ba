-- migrate:up

-- Nobody is cancelled whom nobody warned (ours 7, decision 0006): a reminder that was decided is not one that left.
ALTER TABLE candidate
    ADD COLUMN reminded_for timestamptz[] NOT NULL DEFAULT '{}',
    ADD COLUMN warned_for   timestamptz[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN candidate.reminded_for IS 'the deadlines for which a reminder was decided (`reminded` has their causes)';
COMMENT ON COLUMN candidate.warned_for IS
    'the deadlines for which the mail server took one before they came, or an officer wants it settled warned or not';

UPDATE candidate SET reminded_for = ARRAY(
    SELECT DISTINCT split_part(cause, '@', 2)::timestamptz FROM jsonb_array_elements_text(reminded) AS cause
) WHERE reminded <> '[]';

-- migrate:down
