-- name: doomed_prefixes
SELECT candidate_id, last FROM doomed_prefix WHERE due_at <= :now ORDER BY due_at LIMIT :limit;

-- name: sweep_once_more!
-- An upload under way at the erasure stores its object later; no upload lasts an hour.
UPDATE doomed_prefix SET due_at = :now ::timestamptz + interval '1 hour', last = true, failures = 0
WHERE candidate_id = :candidate_id;

-- name: put_off_prefix!
-- After 1, 2, 4 … minutes, an hour at most: behind all that are due, so that one which cannot be deleted stops nobody.
UPDATE doomed_prefix SET
    due_at = :now ::timestamptz + least(interval '1 hour', interval '1 minute' * 2 ^ least(failures, 10)),
    failures = failures + 1
WHERE candidate_id = :candidate_id;

-- name: forget_prefix!
DELETE FROM doomed_prefix WHERE candidate_id = :candidate_id;

-- name: begin_unnamed_sweep$
-- Null where one began less than a day ago.
INSERT INTO unnamed_sweep (began_at) VALUES (:now)
ON CONFLICT (one) DO UPDATE SET began_at = excluded.began_at
WHERE unnamed_sweep.began_at + interval '1 day' <= excluded.began_at
RETURNING began_at;

-- name: note_spared!
UPDATE unnamed_sweep SET spared = :spared;

-- name: unnamed_objects
SELECT key FROM unnest(:keys ::text[]) AS key WHERE NOT EXISTS (SELECT FROM file WHERE object_key = key);

-- name: begin_object_look^
-- Null where one began less than an hour ago.
INSERT INTO object_look (began_at) VALUES (:now)
ON CONFLICT (one) DO UPDATE SET began_at = excluded.began_at
WHERE object_look.began_at + interval '1 hour' <= excluded.began_at
RETURNING doubted_since;

-- name: end_object_look!
UPDATE object_look SET ended_at = :now, gone = :gone, doubted_since = :doubted_since;

-- name: named_objects
-- What the files of a hundred candidates name, whatever their state: what was removed may be put back. Of sessions that
-- are not over; their objects are older than this look at the rows.
SELECT f.candidate_id, c.session_id, f.file_id, f.object_key, f.lost_at
FROM (
    SELECT c.candidate_id, c.session_id
    FROM candidate c JOIN exam_session s USING (session_id)
    WHERE :now < (s.calendar ->> 'ends_at')::timestamptz
      AND (:after ::uuid IS NULL OR c.candidate_id > :after)
      AND EXISTS (SELECT FROM file WHERE file.candidate_id = c.candidate_id)
    ORDER BY c.candidate_id
    LIMIT 100
) AS c
JOIN file f USING (candidate_id)
ORDER BY f.candidate_id, f.file_id;
