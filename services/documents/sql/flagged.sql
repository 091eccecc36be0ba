-- name: flagged_files
-- What counts and left a doubt, and no officer has judged yet. Neither a confirmation that is périmée or what the store
-- has lost (as `count_evidence`), nor what a candidature that is over leaves behind.
SELECT f.file_id, f.candidate_id, c.session_id, v.portfolio, f.piece, p.title, f.name, f.arrived_at, f.flags,
       f.arrived_at < c.closes_at AS in_window, c.deadline_at
FROM file f
JOIN candidate c USING (candidate_id)
JOIN piece p USING (candidate_id, piece)
LEFT JOIN version v ON v.candidate_id = c.candidate_id AND v.version = c.registration_version
WHERE f.state = 'received' AND f.flags <> '{}' AND f.lost_at IS NULL AND p.due
  AND (NOT p.confirmation
       OR f.arrived_at >= c.version_saved_at AND coalesce(f.read_version >= c.registration_version, true))
  AND c.stage IN ('registered', 'awaiting_documents', 'held', 'confirmed')
  AND (:session_id ::text IS NULL OR c.session_id = :session_id)
  AND (:portfolios ::integer[] IS NULL OR v.portfolio = ANY (:portfolios ::integer[]))
  AND (:after ::uuid IS NULL
       OR (f.arrived_at, f.file_id) > (SELECT arrived_at, file_id FROM file WHERE file_id = :after))
ORDER BY f.arrived_at, f.file_id
LIMIT :most;

-- name: is_file$
SELECT EXISTS (SELECT FROM file WHERE file_id = :file_id);
