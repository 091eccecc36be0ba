-- name: spend^
-- Counts one try and answers how many there are within the window.
INSERT INTO throttle AS t (subject, tries, window_ends_at)
VALUES (:subject, 1, :now::timestamptz + :window::interval)
ON CONFLICT (subject) DO UPDATE SET
    tries = CASE WHEN t.window_ends_at <= :now THEN 1 ELSE t.tries + 1 END,
    window_ends_at = CASE WHEN t.window_ends_at <= :now THEN excluded.window_ends_at ELSE t.window_ends_at END
RETURNING tries, window_ends_at;

-- name: give_back!
UPDATE throttle SET tries = greatest(tries - 1, 0) WHERE subject = :subject;

-- name: forget_tries!
DELETE FROM throttle WHERE subject = :subject;

-- name: purge!
-- What nobody needs any more: ended windows and sessions, addresses kept past their term. A session that was ended
-- stays for a day: whom the gateway turned away with it just before is found by it.
WITH windows AS (DELETE FROM throttle WHERE window_ends_at <= :now),
     sessions AS (DELETE FROM login_session WHERE expires_at <= :now OR revoked_at <= :now ::timestamptz - interval '1 day')
DELETE FROM farewell WHERE until <= :now;

-- name: decoy!
-- A write that changes nothing, in the place of the one that an address with an account causes: without it
-- the commit would have nothing to flush and the answer would come sooner.
UPDATE throttle SET tries = tries WHERE subject = :subject;
