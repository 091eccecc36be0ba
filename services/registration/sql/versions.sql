-- name: add_version!
INSERT INTO registration_version
       (candidate_id, version, form, arrived_at, saved_at, code, eligible, reasons, checklist)
VALUES (:candidate_id, :version, :form, :arrived_at, :saved_at, :code, :eligible, :reasons, :checklist);

-- name: read_version^
SELECT version, form, arrived_at, saved_at, code, eligible, reasons, checklist
FROM registration_version
WHERE candidate_id = :candidate_id AND version = :version;

-- name: read_versions
-- The latest first.
SELECT version, form, arrived_at, saved_at, code, eligible, reasons, checklist
FROM registration_version
WHERE candidate_id = :candidate_id ORDER BY version DESC LIMIT :limit;

-- name: read_codes
SELECT version, code FROM registration_version WHERE candidate_id = :candidate_id ORDER BY version;
