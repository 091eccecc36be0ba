-- name: request_reset^
WITH asked AS (
    UPDATE account SET revision = revision + 1, reset_issue = reset_issue + 1
    WHERE id = :id
    RETURNING id, state, revision, reset_issue
), kept AS (
    INSERT INTO password_reset (account_id, issue, expires_at)
    SELECT id, reset_issue, :expires_at FROM asked
)
SELECT id, state, revision, reset_issue AS issue FROM asked;

-- name: lock_account^
SELECT id, email, email_key, state, activation_expires_at FROM account WHERE id = :id FOR UPDATE;

-- name: reset^
SELECT expires_at, used_at FROM password_reset WHERE account_id = :id AND issue = :issue;

-- name: use_resets!
-- With one, every link that was asked for is used up.
UPDATE password_reset SET used_at = clock_timestamp() WHERE account_id = :id AND used_at IS NULL;

-- name: set_password$
UPDATE account SET revision = revision + 1, password_hash = :password_hash WHERE id = :id RETURNING revision;
