-- migrate:up

-- The password of each request for an account that waits for its activation. Whoever opens a link that was sent
-- to the address must also know one of them, and that one is activated: nobody who asks for another person's
-- address can have a password of their own activated. Gone with the activation.
CREATE TABLE activation_password (
    number        bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    account_id    uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    -- An HMAC of the network that asked: a few are kept of each, so that one cannot push out the others'.
    network       bytea       NOT NULL,
    password_hash text        NOT NULL,
    asked_at      timestamptz NOT NULL
);

CREATE INDEX activation_password_account ON activation_password (account_id);

INSERT INTO activation_password (account_id, network, password_hash, asked_at)
SELECT i.account_id, '', i.password_hash, a.created_at
FROM activation_issue i JOIN account a ON a.id = i.account_id
ORDER BY i.account_id, i.issue;

DROP TABLE activation_issue;

-- One address, one candidate in each session: last session's account does not bar this one's.
ALTER TABLE account DROP CONSTRAINT account_email_key_key;
ALTER TABLE account ADD CONSTRAINT account_address_of_session UNIQUE (email_key, session_id);

-- migrate:down
