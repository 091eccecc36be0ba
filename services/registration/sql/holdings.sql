-- name: holdings^
SELECT (SELECT count(*) FROM candidature WHERE candidate_id = :candidate_id) AS candidature,
       (SELECT count(*) FROM registration_version WHERE candidate_id = :candidate_id) AS versions,
       (SELECT count(*) FROM draft WHERE candidate_id = :candidate_id) AS draft,
       (SELECT count(*) FROM journal WHERE candidate_id = :candidate_id) AS journal_lines;
