-- migrate:up

-- What came back after the mail server had taken a mail: a report (RFC 3464) that it was not delivered makes it
-- `bounced`, one that it is delayed is only noted. `accepted_at` stays: the server did take it.
ALTER TABLE mail
    ADD COLUMN returned_at   timestamptz,
    ADD COLUMN returned_code text,
    DROP CONSTRAINT mail_state_check,
    DROP CONSTRAINT mail_check2,
    DROP CONSTRAINT mail_check3,
    ADD CONSTRAINT mail_state_known
        CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'moot', 'bounced')),
    ADD CONSTRAINT mail_accepted CHECK ((state IN ('sent', 'bounced')) = (accepted_at IS NOT NULL)),
    ADD CONSTRAINT mail_ended
        CHECK ((state IN ('sent', 'failed', 'moot', 'bounced')) = (ended_at IS NOT NULL)),
    ADD CONSTRAINT mail_returned CHECK (state <> 'bounced' OR returned_at IS NOT NULL);

COMMENT ON COLUMN mail.returned_code IS 'the enhanced status of the last report (RFC 3463), digits alone';

CREATE INDEX mail_message_id ON mail (message_id);

-- Forward only: there is no way back, but dbmate wants the block.
-- migrate:down
