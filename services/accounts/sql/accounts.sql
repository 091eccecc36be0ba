-- name: lock_address^
SELECT id FROM account WHERE email_key = :email_key AND session_id = :session_id FOR UPDATE;

-- name: create^
-- A new account, or one more request for an address that has one: the same statement, the same work.
-- `mail` says whether the address may be sent one more mail. `lapsed`: the 48 h are over, the grace is not.
-- The passwords are kept also when no mail may leave.
WITH asked AS (
    INSERT INTO account AS a (email, email_key, session_id, state, created_at)
    VALUES (:email, :email_key, :session_id, 'awaiting_activation', :arrived_at)
    ON CONFLICT (email_key, session_id) DO UPDATE SET
        revision = a.revision + 1,
        issue = a.issue + CASE
            WHEN a.state = 'awaiting_activation' AND :mail
                AND (a.activation_expires_at IS NULL OR a.activation_expires_at > :arrived_at)
            THEN 1 ELSE 0 END
    RETURNING id, state, session_id, revision, issue,
        coalesce(activation_expires_at <= :arrived_at, false) AS lapsed
), kept AS (
    INSERT INTO activation_password (account_id, network, password_hash, asked_at)
    SELECT asked.id, p.network, p.password_hash, p.asked_at
    FROM asked, unnest(:networks ::bytea[], :password_hashes ::text[], :asked_at ::timestamptz[])
        WITH ORDINALITY AS p (network, password_hash, asked_at, place)
    WHERE asked.state = 'awaiting_activation'
    ORDER BY p.place
)
SELECT * FROM asked;

-- name: trim_passwords!
-- The newest of each network first: who asks often, from few networks, pushes out only what is theirs.
DELETE FROM activation_password WHERE number IN (
    SELECT number FROM (
        SELECT number, of_network, row_number() OVER (ORDER BY of_network, number DESC) AS of_all
        FROM (
            SELECT number, row_number() OVER (PARTITION BY network ORDER BY number DESC) AS of_network
            FROM activation_password WHERE account_id = :id
        ) AS numbered
    ) AS ranked
    WHERE of_network > :most_of_network OR of_all > :most
);

-- name: activation_passwords
SELECT password_hash FROM activation_password WHERE account_id = :id ORDER BY number DESC;

-- name: renew_activation^
-- A further link; no more time (ours 3).
UPDATE account SET revision = revision + 1, issue = issue + 1
WHERE id = (
    SELECT id FROM account
    WHERE email_key = :email_key AND state = 'awaiting_activation'
      AND (activation_expires_at IS NULL OR activation_expires_at > :arrived_at)
    ORDER BY created_at DESC LIMIT 1
) AND state = 'awaiting_activation'
RETURNING id, state, revision, issue;

-- name: start_activation_period^
UPDATE account SET
    revision = revision + 1, activation_mail_accepted_at = :accepted_at,
    activation_expires_at = :expires_at, expiry_due_at = :due_at
WHERE id = :id AND state = 'awaiting_activation' AND activation_expires_at IS NULL
RETURNING revision;

-- name: activate^
-- Judged by the arrival of the click. Before the 48 h have begun a link is valid. `asked_again`: somebody asked
-- for a new account when the 48 h were over and this click, which had come in time, not yet written. The row is locked
-- before, since this look into another table is as old as the statement.
UPDATE account SET
    revision = revision + 1, state = 'activated', activated_at = :now, password_hash = :password_hash
WHERE id = :id AND state = 'awaiting_activation'
  AND (activation_expires_at IS NULL OR activation_expires_at > :arrived_at)
RETURNING revision, session_id, EXISTS (
    SELECT FROM activation_password p WHERE p.account_id = account.id AND p.asked_at >= activation_expires_at
) AS asked_again;

-- name: raise_revision$
UPDATE account SET revision = revision + 1 WHERE id = :id RETURNING revision;

-- name: forget_activation_passwords!
DELETE FROM activation_password WHERE account_id = :id;

-- name: expire^
-- R2, with the grace: an activation that arrived in time has had its time to commit. The id and the address stay
-- as long as told. Whoever asked again when the 48 h were over is answered: those passwords start the next. The
-- row is locked before, as for `activate`.
WITH gone AS (
    DELETE FROM account
    WHERE id = :id AND state = 'awaiting_activation' AND expiry_due_at <= :now
    RETURNING id, revision, email, email_key, session_id, activation_expires_at
), stone AS (
    INSERT INTO tombstone (candidate_id, deleted_at) SELECT id, :now FROM gone
), kept AS (
    INSERT INTO farewell (candidate_id, email, until) SELECT id, email, :until FROM gone
)
SELECT gone.*, again.* FROM gone CROSS JOIN LATERAL (
    SELECT array_agg(p.network ORDER BY p.number) AS networks,
           array_agg(p.password_hash ORDER BY p.number) AS password_hashes,
           array_agg(p.asked_at ORDER BY p.number) AS asked_at
    FROM activation_password p WHERE p.account_id = gone.id AND p.asked_at >= gone.activation_expires_at
) AS again;

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
