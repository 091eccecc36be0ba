-- name: password_of$
SELECT password_hash FROM account WHERE id = :id AND state = 'activated';

-- name: change_password$
-- Only while it is the password that was checked. Links for a new one, and other logins, end with the old one.
-- The row is locked before, or those that are opened while this waits for it would not be seen.
WITH changed AS (
    UPDATE account SET revision = revision + 1, password_hash = :password_hash
    WHERE id = :id AND state = 'activated' AND password_hash = :checked_hash
    RETURNING id, revision
), links AS (
    UPDATE password_reset SET used_at = clock_timestamp()
    WHERE account_id = (SELECT id FROM changed) AND used_at IS NULL
), logins AS (
    UPDATE login_session SET revoked_at = clock_timestamp()
    WHERE account_id = (SELECT id FROM changed) AND revoked_at IS NULL
      AND token_sha256 IS DISTINCT FROM :kept_sha256 AND cookie_sha256 IS DISTINCT FROM :kept_sha256
)
SELECT revision FROM changed;

-- name: erase^
-- On its owner's request, only while it has the password that was checked. As for `expire`, the id stays, and the
-- address until the mail that says so has left, at most as long as told. Logins and links go with the row.
WITH gone AS (
    DELETE FROM account WHERE id = :id AND state = 'activated' AND password_hash = :checked_hash
    RETURNING id, revision, email
), stone AS (
    INSERT INTO tombstone (candidate_id, deleted_at) SELECT id, :now FROM gone
), kept AS (
    INSERT INTO farewell (candidate_id, email, until) SELECT id, email, :until FROM gone
)
SELECT id, revision FROM gone;

-- name: erase_by_officer^
-- Whatever the account's state. A concurrent deletion is waited for, and leaves nothing to delete here.
WITH gone AS (
    DELETE FROM account WHERE id = :id RETURNING id, revision, email
), kept AS (
    INSERT INTO farewell (candidate_id, email, until) SELECT id, email, :until FROM gone
), stone AS (
    INSERT INTO tombstone (candidate_id, deleted_at) SELECT id, :now FROM gone
)
SELECT id, revision FROM gone;

-- name: bury$
-- Of whom no row is left here. A concurrent one is waited for, and leaves nothing to do.
INSERT INTO tombstone (candidate_id, deleted_at) VALUES (:id, :now) ON CONFLICT DO NOTHING RETURNING candidate_id;

-- name: note_erasure!
INSERT INTO erasure (candidate_id, reason, actor) VALUES (:id, :reason, :actor);

-- name: erasure^
SELECT t.deleted_at, e.reason, e.actor
FROM tombstone t LEFT JOIN erasure e USING (candidate_id) WHERE t.candidate_id = :id;

-- name: holdings^
SELECT (SELECT count(*) FROM account WHERE id = :id) AS account,
       (SELECT count(*) FROM login_session WHERE account_id = :id) AS logins,
       (SELECT count(*) FROM password_reset WHERE account_id = :id) AS password_links,
       (SELECT count(*) FROM farewell WHERE candidate_id = :id) AS address_for_the_last_mail;

-- name: export$
-- All that is kept of one account, for its owner. What opens anything (hashes) is none of it.
SELECT jsonb_build_object(
    'email', a.email,
    'session_id', a.session_id,
    'state', a.state,
    'created_at', a.created_at,
    'activation_mail_accepted_at', a.activation_mail_accepted_at,
    'activated_at', a.activated_at,
    'logins', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'opened_at', l.created_at, 'last_used_in_a_browser_at', l.cookie_used_at,
            'expires_at', l.expires_at, 'ended_at', l.revoked_at
        ) ORDER BY l.created_at), '[]')
        FROM login_session l WHERE l.account_id = a.id
    ),
    'password_links', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'number', r.issue, 'expires_at', r.expires_at, 'used_at', r.used_at
        ) ORDER BY r.issue), '[]')
        FROM password_reset r WHERE r.account_id = a.id
    )
)
FROM account a WHERE a.id = :id;
