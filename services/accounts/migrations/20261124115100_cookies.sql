-- migrate:up

-- A login's two carriers: the token a program keeps, and the cookie of a browser, which an idle time ends as well.
-- Either logs both out.
ALTER TABLE login_session ADD COLUMN cookie_sha256 bytea UNIQUE;
ALTER TABLE login_session ADD COLUMN cookie_used_at timestamptz;
ALTER TABLE login_session ADD CHECK ((cookie_sha256 IS NULL) = (cookie_used_at IS NULL));

-- migrate:down
