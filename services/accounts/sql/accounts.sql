-- name: create^
-- A new account, or one more request for an address that has one: the same statement, the same work.
-- `mail` says whether the address may be sent one more mail.
WITH asked AS (
    INSERT INTO account AS a (email, email_key, session_id, state, created_at)
    VALUES (:email, :email_key, :session_id, 'awaiting_activation', :now)
    ON CONFLICT (email_key) DO UPDATE SET
        revision = a.revision + 1,
        issue = a.issue + CASE WHEN a.state = 'awaiting_activation' AND :mail THEN 1 ELSE 0 END
    RETURNING id, state, session_id, revision, issue
), kept AS (
    INSERT INTO activation_issue (account_id, issue, password_hash)
    SELECT id, issue, :password_hash FROM asked
    WHERE state = 'awaiting_activation' AND (revision = 1 OR :mail)
)
SELECT * FROM asked;

-- name: lock_address^
SELECT id FROM account WHERE email_key = :email_key FOR UPDATE;

-- name: renew_activation^
-- A further link with the password of the one before; no more time (ours 3). Under the lock of the row, taken by
-- a statement of its own: this one must see the request that the lock waited for.
WITH asked AS (
    UPDATE account SET revision = revision + 1, issue = issue + 1
    WHERE email_key = :email_key AND state = 'awaiting_activation'
      AND (activation_expires_at IS NULL OR activation_expires_at > :arrived_at)
    RETURNING id, state, revision, issue
), kept AS (
    INSERT INTO activation_issue (account_id, issue, password_hash)
    SELECT a.id, a.issue, i.password_hash
    FROM asked a JOIN activation_issue i ON i.account_id = a.id AND i.issue = a.issue - 1
)
SELECT * FROM asked;

-- name: start_activation_period^
UPDATE account SET
    revision = revision + 1, activation_mail_accepted_at = :accepted_at,
    activation_expires_at = :expires_at, expiry_due_at = :due_at
WHERE id = :id AND state = 'awaiting_activation' AND activation_expires_at IS NULL
RETURNING revision;

-- name: activate^
-- Judged by the arrival of the click. Before the 48 h have begun a link is valid.
UPDATE account SET
    revision = revision + 1, state = 'activated', activated_at = :now,
    password_hash = (SELECT i.password_hash FROM activation_issue i WHERE i.account_id = id AND i.issue = :issue)
WHERE id = :id AND state = 'awaiting_activation' AND :issue <= issue
  AND (activation_expires_at IS NULL OR activation_expires_at > :arrived_at)
RETURNING revision, session_id;

-- name: forget_activation_issues!
DELETE FROM activation_issue WHERE account_id = :id;

-- name: expire^
-- R2, with the grace: an activation that arrived in time has had its time to commit.
DELETE FROM account
WHERE id = :id AND state = 'awaiting_activation' AND expiry_due_at <= :now
RETURNING revision, email;

-- name: bury!
WITH stone AS (INSERT INTO tombstone (candidate_id, deleted_at) VALUES (:id, :now))
INSERT INTO farewell (candidate_id, email, until) VALUES (:id, :email, :until);

-- name: forget_farewell!
DELETE FROM farewell WHERE candidate_id = :id;

-- name: standing^
SELECT id, email, state, session_id, issue, reset_issue, activation_expires_at, expiry_due_at, activated_at
FROM account WHERE id = :id;

-- name: is_buried$
SELECT EXISTS (SELECT FROM tombstone WHERE candidate_id = :id);

-- name: farewell_address$
SELECT email FROM farewell WHERE candidate_id = :id AND until > :now;

-- name: undelivered
-- Ours 3: no activation mail could leave for so long. Listed to operators, never deleted.
SELECT a.id, a.email, a.session_id, a.issue, a.created_at
FROM account a JOIN exam_session s USING (session_id)
WHERE a.state = 'awaiting_activation' AND a.activation_expires_at IS NULL
  AND a.created_at + make_interval(secs => (s.calendar ->> 'undelivered_seconds')::float) <= :now
ORDER BY a.created_at
LIMIT :most;
