-- name: export$
-- All that is kept of one person, for that person. Officers' names are theirs.
SELECT jsonb_build_object(
    'candidature', to_jsonb(c) - 'candidate_id',
    'versions', (
        SELECT coalesce(jsonb_agg(to_jsonb(v) - 'candidate_id' ORDER BY v.version), '[]')
        FROM registration_version v WHERE v.candidate_id = c.candidate_id
    ),
    'draft', (SELECT to_jsonb(d) - 'candidate_id' FROM draft d WHERE d.candidate_id = c.candidate_id),
    'journal', (
        SELECT coalesce(jsonb_agg(to_jsonb(j) - 'id' - 'candidate_id' - 'actor' ORDER BY j.id), '[]')
        FROM journal j WHERE j.candidate_id = c.candidate_id
    )
)
FROM candidature c WHERE c.candidate_id = :candidate_id;
