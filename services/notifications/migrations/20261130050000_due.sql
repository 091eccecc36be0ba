-- migrate:up

-- Since when a mail should have left: `next_attempt_at` moves on with each attempt, and so tells nobody that a
-- mail is tried and never taken.
ALTER TABLE mail ADD COLUMN due_at timestamptz NOT NULL DEFAULT clock_timestamp();

COMMENT ON COLUMN mail.due_at IS 'when it was queued; of one queued ahead of its time that time, once it was looked at';

UPDATE mail SET due_at = CASE
    WHEN kind IN ('activation_reminder', 'not_saved') AND ended_at IS NULL THEN greatest(created_at, next_attempt_at)
    ELSE created_at
END;

CREATE INDEX mail_waiting ON mail (due_at) WHERE ended_at IS NULL;

-- Forward only: there is no way back, but dbmate wants the block.
-- migrate:down
