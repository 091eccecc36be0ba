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

-- name: credentials^
SELECT a.id, a.password_hash, s.calendar
FROM account a JOIN exam_session s USING (session_id)
WHERE a.email_key = :email_key AND a.state = 'activated';

-- name: open_candidate_session$
-- Only while the account still has the password that was checked: a reset in between wins.
INSERT INTO login_session (token_sha256, kind, account_id, subject, created_at, expires_at)
SELECT :token_sha256, 'candidate', id, id::text, :now, :expires_at
FROM (
    SELECT id FROM account
    WHERE id = :id AND state = 'activated' AND password_hash = :password_hash
    FOR UPDATE
) AS locked
RETURNING subject;

-- name: open_officer_session!
INSERT INTO login_session (token_sha256, kind, subject, role, portfolios, created_at, expires_at)
VALUES (:token_sha256, 'officer', :subject, :role, :portfolios, :now, :expires_at);

-- name: session^
-- Who is asking; asked on each request, by primary key.
SELECT kind, subject, role, portfolios FROM login_session
WHERE token_sha256 = :token_sha256 AND revoked_at IS NULL AND expires_at > clock_timestamp();

-- name: revoke!
UPDATE login_session SET revoked_at = clock_timestamp()
WHERE token_sha256 = :token_sha256 AND revoked_at IS NULL;

-- name: revoke_all!
UPDATE login_session SET revoked_at = clock_timestamp() WHERE account_id = :id AND revoked_at IS NULL;
