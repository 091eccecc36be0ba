-- name: holdings^
SELECT (SELECT count(*) FROM candidate WHERE candidate_id = :candidate_id) AS dossier,
       (SELECT count(*) FROM piece WHERE candidate_id = :candidate_id) AS pieces,
       (SELECT count(*) FROM file WHERE candidate_id = :candidate_id) AS files,
       (SELECT count(*) FROM review WHERE candidate_id = :candidate_id) AS reviews;
