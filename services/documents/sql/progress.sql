-- name: what_happened
-- Files as they came and officers' reviews, in their order. A file taken back is told as such, at its arrival.
SELECT at, act, title, reason
FROM (
    SELECT f.arrived_at AS at,
           CASE f.state WHEN 'removed' THEN 'removed' WHEN 'late' THEN 'late' ELSE 'uploaded' END AS act,
           p.title, NULL AS reason
    FROM file f JOIN piece p USING (candidate_id, piece)
    WHERE f.candidate_id = :candidate_id
    UNION ALL
    SELECT r.at, r.act, p.title, CASE r.act WHEN 'refused' THEN r.reason END
    FROM review r JOIN piece p USING (candidate_id, piece)
    WHERE r.candidate_id = :candidate_id
) AS happened
ORDER BY at;
