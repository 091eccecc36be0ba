-- name: store_calendar!
-- A calendar takes effect when it is newer than the one known.
INSERT INTO exam_session AS s (session_id, calendar, revision)
VALUES (:session_id, :calendar, :revision)
ON CONFLICT (session_id) DO UPDATE SET calendar = excluded.calendar, revision = excluded.revision
WHERE s.revision < excluded.revision;

-- name: calendars
SELECT calendar FROM exam_session;

-- name: calendar_of_account$
SELECT s.calendar FROM account a JOIN exam_session s USING (session_id) WHERE a.id = :id;

-- name: address_of^
SELECT email, email_key FROM account WHERE id = :id;

-- name: accounts_of_address
SELECT a.id, a.state, a.password_hash, a.activation_expires_at, s.calendar
FROM account a JOIN exam_session s USING (session_id)
WHERE a.email_key = :email_key;

-- name: open_candidate_session$
-- Only while the account still has the password that was checked: a reset in between wins.
INSERT INTO login_session
    (token_sha256, cookie_sha256, cookie_used_at, cookie_longer, kind, account_id, subject, created_at, expires_at)
SELECT :token_sha256, :cookie_sha256, clock_timestamp(), :longer, 'candidate', id, id::text, :now, :expires_at
FROM (
    SELECT id FROM account
    WHERE id = :id AND state = 'activated' AND password_hash = :password_hash
    FOR UPDATE
) AS locked
RETURNING subject;

-- name: open_officer_session!
INSERT INTO login_session
    (token_sha256, cookie_sha256, cookie_used_at, kind, subject, role, portfolios, created_at, expires_at)
VALUES
    (:token_sha256, :cookie_sha256, clock_timestamp(), 'officer', :subject, :role, :portfolios, :now, :expires_at);

-- name: session_of_bearer^
-- Who is asking; asked on each request, by primary key.
SELECT kind, subject, role, portfolios FROM login_session
WHERE token_sha256 = :sha256 AND revoked_at IS NULL AND expires_at > clock_timestamp();

-- name: session_of_cookie^
-- The same by the browser's cookie, while it is used. `unnoted`: its last use was written long enough ago.
SELECT kind, subject, role, portfolios, cookie_used_at <= clock_timestamp() - interval '1 min' AS unnoted
FROM login_session
WHERE cookie_sha256 = :sha256 AND revoked_at IS NULL AND expires_at > clock_timestamp()
  AND cookie_used_at > clock_timestamp() - CASE WHEN cookie_longer THEN :longer_idle ::interval ELSE :idle ::interval END;

-- name: note_cookie_use!
-- Of requests that come at once, one writes.
UPDATE login_session SET cookie_used_at = clock_timestamp()
WHERE cookie_sha256 = :sha256 AND cookie_used_at <= clock_timestamp() - interval '1 min';

-- name: revoke!
UPDATE login_session SET revoked_at = clock_timestamp()
WHERE (token_sha256 = :sha256 OR cookie_sha256 = :sha256) AND revoked_at IS NULL;

-- name: revoke_all!
UPDATE login_session SET revoked_at = clock_timestamp() WHERE account_id = :id AND revoked_at IS NULL;

-- name: holders_of
SELECT DISTINCT account_id FROM login_session
WHERE account_id IS NOT NULL
  AND (token_sha256 BETWEEN :first AND :last OR cookie_sha256 BETWEEN :first AND :last);
