-- name: count_mails$
SELECT count(*) FROM mail
WHERE candidate_id = :candidate_id AND kind <> ALL(:farewells ::text[])
  AND (NOT :only_waiting ::boolean OR state IN ('queued', 'sending'));
