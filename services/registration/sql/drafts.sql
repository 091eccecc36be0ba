-- name: read_draft^
SELECT revision, base_version, content, updated_at FROM draft WHERE candidate_id = :candidate_id;

-- name: write_draft^
-- Under the lock of the candidate's row. What the draft was begun from stays until it is begun anew.
INSERT INTO draft (candidate_id, base_version, content, updated_at)
VALUES (:candidate_id, :base_version, :content, :updated_at)
ON CONFLICT (candidate_id) DO UPDATE SET
    revision = nextval('draft_revision'), content = excluded.content, updated_at = excluded.updated_at
RETURNING revision, base_version, content, updated_at;

-- name: delete_draft!
DELETE FROM draft WHERE candidate_id = :candidate_id;
