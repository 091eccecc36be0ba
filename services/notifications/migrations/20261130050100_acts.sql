-- migrate:up

-- An officer's acts on a mail, each written in its transaction: who, when and why. They go with the mail.
CREATE TABLE mail_act (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mail_id uuid        NOT NULL REFERENCES mail ON DELETE CASCADE,
    act     text        NOT NULL CHECK (act = 'put_back'),
    actor   text        NOT NULL,
    reason  text        NOT NULL,
    status  integer,
    error   text,
    at      timestamptz NOT NULL
);

COMMENT ON COLUMN mail_act.error IS 'with `status`, how the mail had ended before';

CREATE INDEX mail_act_of_mail ON mail_act (mail_id);

-- What tells of a person is in no statistics, which would outlast an erasure.
ALTER TABLE mail_act ALTER COLUMN reason SET STATISTICS 0;

-- Forward only: there is no way back, but dbmate wants the block.
-- migrate:down
