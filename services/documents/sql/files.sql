-- name: count_evidence^
-- Which pieces still miss a file that counts, how many of them by the store's loss, and how many files wait to be
-- judged. Called under the row lock.
-- A confirmation counts only if it arrived after the version in force was saved, and was not read as an older
-- one's (a save and an upload may cross): an older one is périmée. What the store has lost counts only if an officer
-- accepted it, who saw it.
SELECT
    count(*) FILTER (WHERE due AND NOT counts)::integer AS missing,
    count(*) FILTER (WHERE due AND NOT counts AND lost)::integer AS lost,
    coalesce(sum(to_judge), 0)::integer AS to_judge
FROM (
    SELECT p.due,
        EXISTS (SELECT FROM file f
                WHERE f.candidate_id = p.candidate_id AND f.piece = p.piece
                  AND (f.state = 'accepted' OR f.state = 'received' AND f.lost_at IS NULL)
                  AND (NOT p.confirmation
                       OR f.arrived_at >= :version_saved_at ::timestamptz
                          AND coalesce(f.read_version >= :version ::integer, true))) AS counts,
        EXISTS (SELECT FROM file f
                WHERE f.candidate_id = p.candidate_id AND f.piece = p.piece
                  AND f.state = 'received' AND f.lost_at IS NOT NULL
                  AND (NOT p.confirmation
                       OR f.arrived_at >= :version_saved_at ::timestamptz
                          AND coalesce(f.read_version >= :version ::integer, true))) AS lost,
        (SELECT count(*) FROM file f
         WHERE f.candidate_id = p.candidate_id AND f.piece = p.piece AND f.state = 'to_judge') AS to_judge
    FROM piece p WHERE p.candidate_id = :candidate_id
) AS one;

-- name: file_counts$
-- Whether this one file counts, as above.
SELECT (f.state = 'accepted' OR f.state = 'received' AND f.lost_at IS NULL)
       AND (NOT p.confirmation
            OR f.arrived_at >= :version_saved_at ::timestamptz
               AND coalesce(f.read_version >= :version ::integer, true))
FROM file f JOIN piece p USING (candidate_id, piece) WHERE f.file_id = :file_id;

-- name: retire_pieces!
UPDATE piece SET due = false WHERE candidate_id = :candidate_id;

-- name: put_pieces!
INSERT INTO piece (candidate_id, piece, title, reason, example, confirmation, due, place)
SELECT :candidate_id ::uuid, piece, title, reason, example, confirmation, true, place
FROM unnest(:pieces ::text[], :titles ::text[], :reasons ::text[], :examples ::text[], :confirmations ::boolean[])
     WITH ORDINALITY AS p (piece, title, reason, example, confirmation, place)
ON CONFLICT (candidate_id, piece) DO UPDATE SET
    title = excluded.title, reason = excluded.reason, example = excluded.example,
    confirmation = excluded.confirmation,
    due = true, place = excluded.place;

-- name: read_piece^
SELECT * FROM piece WHERE candidate_id = :candidate_id AND piece = :piece;

-- name: read_pieces
SELECT * FROM piece WHERE candidate_id = :candidate_id ORDER BY due DESC, place;

-- name: read_files
SELECT * FROM file WHERE candidate_id = :candidate_id AND state <> 'removed' ORDER BY arrived_at, stored_at, file_id;

-- name: read_file^
SELECT * FROM file WHERE candidate_id = :candidate_id AND file_id = :file_id AND state <> 'removed';

-- name: find_same^
SELECT * FROM file
WHERE candidate_id = :candidate_id AND piece = :piece AND sha256 = :sha256
  AND state IN ('received', 'to_judge', 'accepted');

-- name: last_success$
-- The arrival of the last file of a piece that came through, or came again. One that was in time and is taken back or
-- refused since came through too: that nothing counts then is nobody's fault. One that waits to be judged, or came too
-- late, did not, whatever became of it; nor did a confirmation that is no longer the one in force, as above.
SELECT max(greatest(f.arrived_at, f.again_at))
FROM file f JOIN piece p USING (candidate_id, piece)
WHERE f.candidate_id = :candidate_id AND f.piece = :piece
  AND (f.state IN ('received', 'accepted')
       OR f.state IN ('removed', 'refused') AND f.arrived_at < :deadline_at ::timestamptz)
  AND (NOT p.confirmation
       OR f.arrived_at >= :version_saved_at ::timestamptz
          AND coalesce(f.read_version >= :version ::integer, true));

-- name: count_files$
SELECT count(*) FROM file
WHERE candidate_id = :candidate_id AND piece = :piece AND state NOT IN ('removed', 'refused');

-- name: add_file!
INSERT INTO file (file_id, candidate_id, piece, state, name, media_type, size_bytes, sha256, object_key,
                  arrived_at, stored_at, flags, read_version, parts)
VALUES (:file_id, :candidate_id, :piece, :state, :name, :media_type, :size_bytes, :sha256, :object_key,
        :arrived_at, :stored_at, :flags, :read_version, :parts);

-- name: read_versions
SELECT version, saved_at FROM version WHERE candidate_id = :candidate_id ORDER BY version DESC;

-- name: put_version!
INSERT INTO version (candidate_id, version, saved_at, portfolio)
VALUES (:candidate_id, :version, :saved_at, :portfolio ::integer)
ON CONFLICT DO NOTHING;

-- name: find_older^
-- The same bytes, alone or among others, whatever the piece and the state, that were here before the version in
-- force was saved: no signature on that version. `version`: the one they were for, where the version after it is
-- known too.
SELECT f.arrived_at, f.parts, this.version
FROM file f
LEFT JOIN (SELECT candidate_id, version, saved_at,
                  lead(version) OVER later AS next_version, lead(saved_at) OVER later AS next_saved_at
           FROM version WHERE candidate_id = :candidate_id
           WINDOW later AS (ORDER BY version)) AS this
       ON this.next_version = this.version + 1
      AND this.saved_at <= f.arrived_at AND f.arrived_at < this.next_saved_at
WHERE f.candidate_id = :candidate_id AND f.parts && :parts ::text[] AND f.arrived_at < :version_saved_at ::timestamptz
ORDER BY f.arrived_at DESC LIMIT 1;

-- name: remove_file!
UPDATE file SET state = 'removed' WHERE file_id = :file_id;

-- name: read_removed
-- What may be put back: taken back by the candidate, refused by nobody, and of each content the latest.
SELECT * FROM (
    SELECT DISTINCT ON (piece, sha256) * FROM file f
    WHERE f.candidate_id = :candidate_id AND f.state = 'removed' AND f.refused_by IS NULL
      AND NOT EXISTS (SELECT FROM file live
                      WHERE live.candidate_id = f.candidate_id AND live.piece = f.piece
                        AND (live.sha256 = f.sha256 AND live.state <> 'removed'
                           OR live.refused_by IS NOT NULL AND live.parts <@ f.parts))
    ORDER BY piece, sha256, arrived_at DESC, file_id
) AS latest
ORDER BY arrived_at, stored_at, file_id;

-- name: read_any_file^
SELECT * FROM file WHERE candidate_id = :candidate_id AND file_id = :file_id;

-- name: put_back_file!
-- By its own arrival: it is as late or as early as it was.
UPDATE file SET state = CASE WHEN arrived_at < :deadline_at ::timestamptz THEN 'received' ELSE 'late' END
WHERE file_id = :file_id;

-- name: find_late!
UPDATE file SET state = 'late'
WHERE candidate_id = :candidate_id AND state = 'to_judge' AND arrived_at >= :deadline_at ::timestamptz;

-- name: count_in_time!
-- What waits, and what came too late for an earlier deadline. Of the same content one file counts at most, and
-- none that an officer refused.
UPDATE file SET state = 'received'
WHERE candidate_id = :candidate_id AND arrived_at < :deadline_at ::timestamptz
  AND (state = 'to_judge'
       OR state = 'late'
          AND NOT EXISTS (SELECT FROM file other
                          WHERE other.candidate_id = file.candidate_id AND other.piece = file.piece
                            AND (other.refused_by IS NOT NULL AND other.parts <@ file.parts
                                 OR other.sha256 = file.sha256
                                    AND (other.state IN ('received', 'to_judge', 'accepted')
                                         OR other.state = 'late' AND other.arrived_at < :deadline_at
                                            AND other.file_id < file.file_id))));

-- name: arrived_earlier^
-- The same content as what waits to be judged came by another way too: the earlier arrival judges it, and where that
-- one was in time it counts. Null where that changes nothing.
UPDATE file SET
    arrived_at = least(arrived_at, :arrived_at ::timestamptz),
    state = CASE WHEN :in_time ::boolean THEN 'received' ELSE state END
WHERE file_id = :file_id AND state = 'to_judge' AND (:in_time OR :arrived_at < arrived_at)
RETURNING *;

-- name: came_again!
-- The same content was sent again, and its candidate told that it is there.
UPDATE file SET again_at = greatest(again_at, :arrived_at ::timestamptz)
WHERE file_id = :file_id AND arrived_at < :arrived_at;

-- name: restore_object^
-- The same content came again after the store had lost it: its new object stands for it. Null where none was lost.
UPDATE file SET
    object_key = :object_key, media_type = :media_type, size_bytes = :size_bytes, lost_at = NULL
WHERE file_id = :file_id AND lost_at IS NOT NULL
RETURNING *;

-- name: lose_objects!
-- By key: an object that was stored anew meanwhile has another.
UPDATE file SET lost_at = :now ::timestamptz
WHERE candidate_id = :candidate_id AND object_key = ANY(:keys ::text[]) AND lost_at IS NULL;

-- name: find_objects!
UPDATE file SET lost_at = NULL WHERE candidate_id = :candidate_id AND object_key = ANY(:keys ::text[]);

-- name: accept_files!
-- Of what is there in time; where nothing is but refused files, their refusal is taken back.
UPDATE file SET state = 'accepted', refused_by = NULL
WHERE candidate_id = :candidate_id AND piece = :piece
  AND (state IN ('received', 'accepted')
       OR state = 'refused'
          AND NOT EXISTS (SELECT FROM file live
                          WHERE live.candidate_id = file.candidate_id AND live.piece = file.piece
                            AND live.state IN ('received', 'to_judge', 'accepted')));

-- name: refuse_files!
-- All that is there, so that the piece is missing again.
UPDATE file SET state = 'refused', refused_by = :review_id
WHERE candidate_id = :candidate_id AND piece = :piece AND state IN ('received', 'to_judge', 'accepted');

-- name: refused_before^
-- Why an officer refused this very content, if one did; a removed file stays refused. Other pages beside it do not
-- make it another; a refused document of several pages may be sent again with one of them made anew.
SELECT r.reason, f.parts FROM file f JOIN review r ON r.review_id = f.refused_by
WHERE f.candidate_id = :candidate_id AND f.piece = :piece AND f.parts <@ :parts ::text[]
ORDER BY r.at DESC LIMIT 1;

-- name: add_review!
INSERT INTO review (review_id, candidate_id, piece, act, reason, actor, at, deadline_at)
VALUES (:review_id, :candidate_id, :piece, :act, :reason, :actor, :at, :deadline_at);

-- name: read_review^
SELECT r.*, p.title FROM review r JOIN piece p USING (candidate_id, piece)
WHERE r.candidate_id = :candidate_id AND r.review_id = :review_id;

-- name: read_reviews
SELECT piece, act, reason, actor, at, deadline_at FROM review
WHERE candidate_id = :candidate_id ORDER BY at, review_id;

-- name: latest_reviews
SELECT DISTINCT ON (piece) piece, act, reason, at, deadline_at FROM review
WHERE candidate_id = :candidate_id ORDER BY piece, at DESC;

-- name: missing_titles
SELECT p.title FROM piece p
WHERE p.candidate_id = :candidate_id AND p.due
  AND NOT EXISTS (SELECT FROM file f
                  WHERE f.candidate_id = p.candidate_id AND f.piece = p.piece
                    AND (f.state = 'accepted' OR f.state = 'received' AND f.lost_at IS NULL)
                    AND (NOT p.confirmation
                         OR f.arrived_at >= :version_saved_at ::timestamptz
                            AND coalesce(f.read_version >= :version ::integer, true)))
ORDER BY p.place;
