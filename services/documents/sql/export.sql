-- name: export$
-- All that is kept of one person, for that person. Officers' names are theirs.
SELECT jsonb_build_object(
    'dossier', to_jsonb(c) - 'candidate_id',
    'pieces', (
        SELECT coalesce(jsonb_agg(to_jsonb(p) - 'candidate_id' ORDER BY p.place), '[]')
        FROM piece p WHERE p.candidate_id = c.candidate_id
    ),
    'files', (
        SELECT coalesce(jsonb_agg(to_jsonb(f) - 'candidate_id' - 'object_key' ORDER BY f.arrived_at), '[]')
        FROM file f WHERE f.candidate_id = c.candidate_id
    ),
    'reviews', (
        SELECT coalesce(jsonb_agg(to_jsonb(r) - 'candidate_id' - 'actor' ORDER BY r.at), '[]')
        FROM review r WHERE r.candidate_id = c.candidate_id
    )
)
FROM candidate c WHERE c.candidate_id = :candidate_id;
