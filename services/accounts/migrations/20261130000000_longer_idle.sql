-- migrate:up

-- Whether the candidate asked at the login for the longer time without use (WCAG 2.2.1): a shared computer keeps the short one.
ALTER TABLE login_session ADD COLUMN cookie_longer boolean NOT NULL DEFAULT false;

-- migrate:down
